import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct StateStoreTests {
  private func items(_ store: StateStore, _ tenant: TenantName = .default) throws -> [ItemRecord] {
    var found: [ItemRecord] = []
    try store.forEachItem(tenant) { found.append($0) }
    return found
  }

  private func users(_ store: StateStore, _ tenant: TenantName = .default) throws -> [UserRecord] {
    var found: [UserRecord] = []
    try store.forEachUser(tenant) { found.append($0) }
    return found
  }

  @Test func keysMatchTheTable() throws {
    let tenant = try TenantName("t")
    #expect(StateKey.item(ItemIndex(0x0102_0304), tenant) == [0x49, 1, 0x74, 1, 2, 3, 4])
    #expect(StateKey.user(try UserIdentifier("u"), tenant) == [0x55, 1, 0x74, 0x75])
    #expect(StateKey.event(try EventIdentifier("e"), tenant) == [0x45, 1, 0x74, 0x65])
    #expect(StateKey.applied == Array("Mapplied".utf8))
    #expect(StateKey.format == Array("Mformat".utf8))
    #expect(StateKey.identity == Array("Midentity".utf8))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func everythingComesBackInOrderAfterReopening(seed: UInt64) throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    var samples = Samples(seed: seed)
    // `a` and `ab` begin alike: the scan of one must not wander into the other.
    let tenants = try [TenantName("a"), TenantName("ab"), .default]
    var items: [TenantName: [UInt32: ItemRecord]] = [:]
    var users: [TenantName: [UserIdentifier: UserRecord]] = [:]
    var events: [TenantName: [EventIdentifier: EventRecord]] = [:]
    for round in 1...4 as ClosedRange<UInt64> {
      let store = try StateStore.open(directory)
      #expect(try store.applied() == Position(10 * (round - 1)))
      var batch = StateBatch(applied: Position(10 * round), for: store)
      for _ in 0..<60 {
        let tenant = tenants[samples.integer(0...2)]
        let item = try samples.itemRecord(UInt32(samples.integer(0...300)))
        items[tenant, default: [:]][item.index.value] = item
        batch.put(item, of: tenant)
        let user = try samples.userRecord()
        users[tenant, default: [:]][user.profile.id] = user
        batch.put(user, of: tenant)
        let event = EventRecord(position: Position(samples.generator.next()), hash: samples.generator.next())
        let id = try samples.identifier(EventKind.self)
        events[tenant, default: [:]][id] = event
        batch.put(event, id: id, of: tenant)
      }
      #expect(batch.bytes > 1000)
      try store.write(batch)
      #expect(try store.applied() == Position(10 * round))
      store.close()
      store.close()
    }
    let store = try StateStore.open(directory)
    for tenant in tenants {
      let expected = (items[tenant] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
      #expect(try self.items(store, tenant) == expected, "seed \(seed)")
      let expectedUsers = (users[tenant] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
      #expect(try self.users(store, tenant) == expectedUsers, "seed \(seed)")
      for (id, event) in events[tenant] ?? [:] {
        #expect(try store.event(id, of: tenant) == event, "seed \(seed)")
      }
      #expect(try store.event(EventIdentifier("never sent"), of: tenant) == nil)
    }
    #expect(try self.items(store, TenantName("b")).isEmpty)
    #expect(!store.isFenced)
  }

  @Test func batchMayNotGoBack() throws {
    let temporary = try TemporaryDirectory()
    let store = try StateStore.open(try temporary.initialized())
    try store.write(StateBatch(applied: Position(7), for: store))
    #expect(fault { try store.write(StateBatch(applied: Position(6), for: store)) }?.kind == .invalid)
    try store.write(StateBatch(applied: Position(7), for: store))
    #expect(try store.applied() == Position(7))
  }

  @Test func aFaultInTheBodyEndsTheScan() throws {
    let temporary = try TemporaryDirectory()
    let store = try StateStore.open(try temporary.initialized())
    var batch = StateBatch(applied: Position(1), for: store)
    for index in 0..<3 as Range<UInt32> {
      batch.put(
        ItemRecord(index: ItemIndex(index), id: try ItemIdentifier("i"), firstPosition: .zero), of: .default)
    }
    try store.write(batch)
    var visits = 0
    let stop = StorageFault(.invalid, file: "f", "enough")
    let found = fault {
      try store.forEachItem(.default) { _ throws(StorageFault) in
        visits += 1
        throw stop
      }
    }
    #expect(found == stop && visits == 1)
    #expect(!store.isFenced)
  }

  @Test func closedStateRefuses() throws {
    let temporary = try TemporaryDirectory()
    let store = try StateStore.open(try temporary.initialized())
    store.close()
    #expect(fault { _ = try store.applied() }?.kind == .fenced)
    #expect(fault { try store.write(StateBatch(applied: Position(1), for: store)) }?.kind == .fenced)
    #expect(fault { try store.forEachUser(.default) { _ in } }?.kind == .fenced)
  }
}
