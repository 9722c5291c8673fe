import LiveState
import Testing
import Vocabulary

/// Stored records that cannot have been written together are refused, not trusted.
@Suite struct RestoreTests {
  func makeTenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  func item(_ index: UInt32, _ id: String) throws -> ItemRecord {
    ItemRecord(index: ItemIndex(index), id: try ItemIdentifier(id), firstPosition: Position(1))
  }

  @Test func refusesTwoItemsAtOneIndex() throws {
    let tenant = try makeTenant()
    try tenant.restore(try item(0, "a"))
    #expect(throws: RestoreFault.self) { try tenant.restore(try item(0, "b")) }
  }

  @Test func refusesOneItemAtTwoIndices() throws {
    let tenant = try makeTenant()
    try tenant.restore(try item(0, "a"))
    #expect(throws: RestoreFault.self) { try tenant.restore(try item(1, "a")) }
  }

  @Test func refusesAGap() throws {
    let tenant = try makeTenant()
    try tenant.restore(try item(2, "c"))
    try tenant.restore(try item(0, "a"))
    #expect(throws: RestoreFault.self) { try tenant.finishRestore(through: Position(1)) }
    try tenant.restore(try item(1, "b"))
    try tenant.finishRestore(through: Position(1))
    #expect(tenant.catalogue().identifier(ItemIndex(1)) == (try ItemIdentifier("b")))
  }

  @Test func refusesAnIndexBeyondTheLimit() throws {
    let tenant = try makeTenant()
    #expect(throws: RestoreFault.self) { try tenant.restore(try item(UInt32.max, "a")) }
    #expect(throws: RestoreFault.self) { try tenant.restore(try item(UInt32(Limits.itemsMax), "a")) }
  }

  @Test func refusesAUserWhoKnowsMoreItemsThanThereAre() throws {
    var owner = UserRecord(id: try UserIdentifier("owner"))
    owner.items = [UserItem(item: ItemIndex(1), seconds: 1, weight: 1, count: 1)]
    var viewer = UserRecord(id: try UserIdentifier("viewer"))
    viewer.history = [HistoryEvent(item: ItemIndex(7), seconds: 1, value: 1, type: .view)]
    for record in [owner, viewer] {
      let tenant = try makeTenant()
      try tenant.restore(try item(0, "a"))
      try tenant.restore(record)
      #expect(throws: RestoreFault.self) { try tenant.finishRestore(through: Position(1)) }
    }
  }

  @Test func takesUsersBeforeTheirItems() throws {
    let tenant = try makeTenant()
    var record = UserRecord(id: try UserIdentifier("u"))
    record.items = [UserItem(item: ItemIndex(0), seconds: 1, weight: 1, count: 1)]
    try tenant.restore(record)
    try tenant.restore(try item(0, "a"))
    try tenant.finishRestore(through: Position(1))
    #expect(tenant.user(try UserIdentifier("u"))?.items == record.items)
  }

  @Test func refusesAUserTwice() throws {
    let tenant = try makeTenant()
    let record = UserRecord(id: try UserIdentifier("u"))
    try tenant.restore(record)
    #expect(throws: RestoreFault.self) { try tenant.restore(record) }
  }
}
