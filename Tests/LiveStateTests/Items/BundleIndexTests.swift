import LiveState
import Testing
import Vocabulary

/// The index of bundles follows what is put, deleted and restored.
@Suite struct BundleIndexTests {
  private let tenant: LiveTenant
  private var position: UInt64 = 0
  private var publishes: UInt64 = 0

  init() throws { tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default)) }

  private mutating func put(_ name: String, _ members: String...) throws {
    var item = Item(id: try ItemIdentifier(name))
    item.members = try members.map { try ItemIdentifier($0) }
    position += 1
    tenant.apply(.putItem(item), at: Position(position), ingestTime: Timestamp(microseconds: 1))
  }

  private mutating func publish(after seconds: UInt64 = 2) {
    publishes += seconds
    tenant.publish(through: Position(position), now: publishes * 1_000_000_000)
  }

  private func index(_ name: String) throws -> ItemIndex {
    try #require(tenant.itemIndex(try ItemIdentifier(name)))
  }

  private func members(_ name: String) throws -> [UInt32]? {
    let bundles = tenant.lists().bundles
    return bundles.number(of: try index(name)).map { Array(bundles.members(of: $0)) }
  }

  @Test mutating func bothWaysRound() throws {
    try put("a")
    try put("b")
    try put("c")
    try put("x", "b", "a", "b")
    try put("y", "a", "c")
    publish()
    let bundles = tenant.lists().bundles
    #expect(bundles.items == [try index("x"), try index("y")])
    // As put, each once.
    #expect(try members("x") == [try index("b").value, try index("a").value])
    #expect(try members("a") == nil)
    #expect(Array(bundles.bundles(with: try index("a"))) == [0, 1])
    #expect(Array(bundles.bundles(with: try index("c"))) == [1])
    #expect(bundles.bundles(with: try index("x")).isEmpty)
    #expect(bundles.isWhole(0) && bundles.isWhole(1))
  }

  @Test mutating func whatChangesIsFollowed() throws {
    try put("a")
    try put("x", "a", "later")
    publish()
    #expect(!tenant.lists().bundles.isWhole(0))
    // A member that comes makes it whole.
    try put("later")
    publish()
    #expect(tenant.lists().bundles.isWhole(0))
    #expect(try members("x")?.count == 2)
    // No members, no bundle.
    try put("x")
    publish()
    #expect(tenant.lists().bundles.count == 0)
    try put("x", "a")
    publish()
    position += 1
    tenant.apply(
      .deleteItem(try ItemIdentifier("x")), at: Position(position), ingestTime: Timestamp(microseconds: 1))
    publish()
    #expect(tenant.lists().bundles.count == 0)
  }

  @Test mutating func itIsMadeAtMostOnceASecond() throws {
    try put("a")
    try put("x", "a")
    publish()
    try put("y", "a")
    publish(after: 0)
    #expect(tenant.lists().bundles.count == 1)
    publish(after: 1)
    #expect(tenant.lists().bundles.count == 2)
  }
}
