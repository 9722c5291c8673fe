import LiveState
import Testing
import Vocabulary

/// The newest rating of each item, and what happens when there are too many.
@Suite struct UserRatingsTests {
  private func rate(_ tenant: LiveTenant, _ item: Int, _ seconds: Int64, _ value: Float, _ position: UInt64)
    throws
  {
    let event = Event(
      id: try EventIdentifier("e\(position)"), type: .rate, user: try UserIdentifier("u"),
      item: try ItemIdentifier("i\(item)"), time: Timestamp(microseconds: seconds * 1_000_000), value: value)
    tenant.apply(.event(event), at: Position(position), ingestTime: event.time)
  }

  @Test func theOldestLeavesAFullList() throws {
    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    let most = Limits.userRatingsMax
    for item in 0..<most { try rate(tenant, item, Int64(1_000 + item), 3, UInt64(item + 1)) }
    func user() throws -> UserState { try #require(tenant.user(try UserIdentifier("u"))) }
    #expect(try user().ratings.count == most)
    // Rated anew, the oldest is the newest; then the second oldest leaves.
    try rate(tenant, 0, 900_000, 5, UInt64(most + 1))
    try rate(tenant, most, 900_001, 4, UInt64(most + 2))
    let ratings = try user().ratings
    #expect(ratings.count == most)
    #expect(ratings.first == UserRating(item: ItemIndex(0), seconds: 900_000, value: 5))
    #expect(!ratings.contains { $0.item == ItemIndex(1) })
    #expect(ratings.last == UserRating(item: ItemIndex(UInt32(most)), seconds: 900_001, value: 4))
    // One that is older than all others does not get in.
    try rate(tenant, most + 1, 5, 1, UInt64(most + 3))
    #expect(try user().ratings == ratings)
  }

  @Test func aReplayedRatingChangesNothing() throws {
    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    try rate(tenant, 0, 100, 3, 1)
    try rate(tenant, 0, 200, 4, 2)
    try rate(tenant, 0, 300, 5, 1)
    #expect(tenant.user(try UserIdentifier("u"))?.ratings.map(\.value) == [4])
  }
}
