import Engine
import LiveState
import Serving
import Testing
import Vocabulary

/// The store keeps what was used last, within its bytes and its time.
struct RankingStoreTests {
  private static let second: UInt64 = 1_000_000_000

  /// A ranking of ten items.
  private func ranking() throws -> KeptRanking {
    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    for number in 0..<10 {
      tenant.apply(
        .putItem(Item(id: try ItemIdentifier("i\(number)"))), at: Position(UInt64(number + 1)),
        ingestTime: Timestamp(microseconds: 1))
    }
    tenant.publish(through: Position(10))
    var request = RecommendRequest()
    request.k = 1
    let scratch = ReadScratch()
    let context = ReadContext(
      tenant: tenant, view: nil, settings: ReadingSettings(), configurationHash: 0,
      now: Timestamp(microseconds: 1), deadline: .max, cancellation: Cancellation())
    _ = try ReadPath.recommend(request, context, scratch, .first)
    return try #require(scratch.rest.ranking)
  }

  private func isThere(_ store: RankingStore, _ number: UInt64, at now: UInt64) -> Bool {
    (try? store.find(number, request: 1, now: now)) != nil
  }

  @Test func theLongestUnusedLeavesFirst() throws {
    let ranking = try ranking()
    #expect(ranking.count == 10)
    let bytes = RankingStore.overheadBytes + 80
    let store = RankingStore(bytesMax: 3 * bytes)
    let numbers = (0..<3).map { _ in store.keep(ranking, request: 1, seconds: 900, now: 0) }
    // The first is used again, so the second goes.
    #expect(isThere(store, numbers[0], at: 1))
    let fourth = store.keep(ranking, request: 1, seconds: 900, now: 2)
    #expect(!isThere(store, numbers[1], at: 3))
    for number in [numbers[0], numbers[2], fourth] { #expect(isThere(store, number, at: 3)) }
    #expect(store.counts.rankings == 3 && store.counts.bytes == 3 * bytes && store.counts.pushedOut == 1)
  }

  @Test func aRankingLivesOnWhileItIsUsed() throws {
    let store = RankingStore()
    let number = store.keep(try ranking(), request: 1, seconds: 10, now: 0)
    #expect(isThere(store, number, at: 9 * Self.second))
    #expect(isThere(store, number, at: 18 * Self.second))
    #expect(!isThere(store, number, at: 28 * Self.second))
    #expect(store.counts.rankings == 0 && store.counts.bytes == 0)
  }

  @Test func whatExpiredMakesRoomAndIsNotCountedAsPushedOut() throws {
    let ranking = try ranking()
    let store = RankingStore()
    for _ in 0..<5 { _ = store.keep(ranking, request: 1, seconds: 10, now: 0) }
    let last = store.keep(ranking, request: 1, seconds: 10, now: 11 * Self.second)
    #expect(store.counts.rankings == 1 && store.counts.pushedOut == 0)
    #expect(isThere(store, last, at: 12 * Self.second))
  }

  @Test func anotherRequestIsRefused() throws {
    let store = RankingStore()
    let number = store.keep(try ranking(), request: 1, seconds: 10, now: 0)
    #expect(throws: Fault.self) { try store.find(number, request: 2, now: 1) }
    #expect(isThere(store, number, at: 2))
  }

  /// One ranking larger than the store stays until the next comes: the caller has its cursor already.
  @Test func oneRankingAlwaysFits() throws {
    let store = RankingStore(bytesMax: 1)
    let first = store.keep(try ranking(), request: 1, seconds: 10, now: 0)
    #expect(isThere(store, first, at: 1))
    let second = store.keep(try ranking(), request: 1, seconds: 10, now: 2)
    #expect(!isThere(store, first, at: 3) && isThere(store, second, at: 3))
  }
}
