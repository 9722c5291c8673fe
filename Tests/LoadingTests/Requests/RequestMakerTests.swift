import Loading
import Testing
import Vocabulary

struct RequestMakerTests {
  private func plan(_ mix: String) throws -> LoadPlan {
    var plan = LoadPlan(mix: try MethodMix(mix), run: 0xABC, epochMicroseconds: 1_700_000_000_000_000)
    plan.seed = 9
    plan.batch = 3
    return plan
  }

  @Test func theSameSeedAsksForTheSameAndAnotherDoesNot() throws {
    var other = try plan("recommend,similar,complete,ingest")
    let maker = RequestMaker(other)
    let again = RequestMaker(other)
    other.seed = 10
    let different = RequestMaker(other)
    func requests(_ maker: RequestMaker) -> [Request] {
      (0..<200).map { maker.request($0, maker.method($0), firstEvent: $0 * 3) }
    }
    #expect(requests(maker) == requests(again))
    #expect(requests(maker) != requests(different))
  }

  @Test func weightsAreKept() throws {
    let maker = RequestMaker(try plan("recommend=8,ingest=2"))
    var counts: [LoadMethod: Int] = [:]
    for ordinal in 0..<20_000 { counts[maker.method(UInt64(ordinal)), default: 0] += 1 }
    #expect(counts.count == 2)
    // Five standard deviations of a binomial are 283.
    #expect((15_717...16_283).contains(counts[.recommend] ?? 0))
  }

  @Test func aFilterGoesWithItsShareAndChangesNothingElse() throws {
    let bare = try plan("recommend,similar,ingest")
    var filtered = bare
    (filtered.filter, filtered.filteredShare) = ("item.price < 50", 0.3)
    let (maker, other) = (RequestMaker(bare), RequestMaker(filtered))
    var (asked, withFilter) = (0, 0)
    for ordinal in 0..<10_000 as Range<UInt64> {
      let method = maker.method(ordinal)
      let request = maker.request(ordinal, method, firstEvent: 0)
      var again = other.request(ordinal, other.method(ordinal), firstEvent: 0)
      switch again {
      case .recommend(var list):
        asked += 1
        withFilter += list.filter == Array("item.price < 50".utf8) ? 1 : 0
        list.filter = []
        again = .recommend(list)
      case .similar(var list):
        asked += 1
        withFilter += list.filter.isEmpty ? 0 : 1
        list.filter = []
        again = .similar(list)
      default: break
      }
      #expect(again == request)
    }
    // Five standard deviations of a binomial of 6,700 are 188.
    #expect(abs(Double(withFilter) - 0.3 * Double(asked)) < 190)
  }

  @Test func coldUsersAreAsManyAsAskedForAndNeverTheSameTwice() throws {
    var cold = try plan("recommend")
    cold.coldShare = 0.3
    let maker = RequestMaker(cold)
    let users = (0..<10_000 as Range<UInt64>).compactMap { ordinal -> [UInt8]? in
      guard case .recommend(let request) = maker.request(ordinal, .recommend, firstEvent: 0) else {
        return nil
      }
      return request.user
    }
    let strangers = users.filter { $0.starts(with: Array("cold-abc-".utf8)) }
    #expect((2_770...3_230).contains(strangers.count))
    #expect(Set(strangers).count == strangers.count)
    #expect(users.count == 10_000)
  }

  @Test func anEventCanBeMadeAgainFromItsNumber() throws {
    let maker = RequestMaker(try plan("ingest"))
    guard case .ingestEvents(let request) = maker.request(5, .ingest, firstEvent: 40) else {
      Issue.record("no ingest")
      return
    }
    #expect(request.events.count == 3)
    for (index, draft) in request.events.enumerated() {
      let event = maker.event(40 + UInt64(index))
      #expect(draft.id == Array("load-abc-\(40 + index)".utf8))
      #expect(event.id == draft.id && event.user == draft.user && event.item == draft.item)
      #expect(draft.timeMicroseconds == 1_700_000_000_000_040 + Int64(index))
    }
  }

  @Test(arguments: ["", "recommend=-1", "recommend=x", "purchase=1", "recommend=0", "ingest=nan"])
  func aMixThatMakesNoSenseIsRefused(text: String) {
    #expect(throws: LoadFault.self) { _ = try MethodMix(text) }
  }
}
