import LiveState
import Testing
import Vocabulary

@Suite struct UserHistoryTests {
  func makeTenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  /// A transcript: what happened, and what is remembered of it.
  @Test func remembersWhatTheUserDid() throws {
    let tenant = try makeTenant()
    let user = try UserIdentifier("anna")
    #expect(tenant.user(user) == nil)
    let script: [(EventType, String?, Int64)] = [
      (.impression, "shown", 100), (.view, "book", 200), (.purchase, "book", 300), (.search, nil, 310),
      (.dislike, "lamp", 320), (.view, "late", 150), (.hide, "book", 330),
    ]
    for (number, (type, item, seconds)) in script.enumerated() {
      let event = Event(
        id: try EventIdentifier("e\(number)"), type: type, user: user,
        item: try item.map { try ItemIdentifier($0) },
        time: Timestamp(microseconds: (1_300_000_000 + seconds) * 1_000_000))
      tenant.apply(.event(event), at: Position(UInt64(number + 1)), ingestTime: .zero)
    }
    let state = try #require(tenant.user(user))
    let (book, lamp, late) = (ItemIndex(1), ItemIndex(2), ItemIndex(3))
    #expect(tenant.itemIndex(try ItemIdentifier("lamp")) == lamp)
    #expect(state.eventCount == 7)
    #expect(state.history.map(\.item) == [late, book, book, lamp, book])
    #expect(state.history.map(\.type) == [.view, .view, .purchase, .dislike, .hide])
    #expect(
      state.items == [
        UserItem(item: book, seconds: 1_300_000_300, weight: 1, count: 2),
        UserItem(item: lamp, seconds: 1_300_000_320, weight: -4, count: 0),
        UserItem(item: late, seconds: 1_300_000_150, weight: 1, count: 1),
      ])
  }

  /// A copy that a reader holds stays as it was.
  @Test func copiesAreIndependent() throws {
    let tenant = try makeTenant()
    let user = try UserIdentifier("anna")
    func view(_ number: UInt64) throws {
      let event = Event(
        id: try EventIdentifier("e\(number)"), type: .view, user: user,
        item: try ItemIdentifier("i\(number)"),
        time: Timestamp(microseconds: 1_300_000_000_000_000))
      tenant.apply(.event(event), at: Position(number), ingestTime: .zero)
    }
    try view(1)
    let before = try #require(tenant.user(user))
    try view(2)
    #expect(before.history.count == 1 && before.items.count == 1 && before.position == Position(1))
    #expect(tenant.user(user)?.history.count == 2)
  }
}
