import LiveState
import Testing
import Vocabulary

@Suite struct LiveTenantTests {
  static let second: UInt64 = 1_000_000_000

  func makeTenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  /// Compares everything that is kept with the naive model.
  func compare(_ tenant: LiveTenant, _ naive: NaiveState, _ comment: Comment) throws {
    #expect(tenant.counts.items == naive.entries.count, comment)
    #expect(tenant.counts.users == naive.users.count, comment)
    #expect(tenant.counts.events == naive.users.values.reduce(0) { $0 + $1.eventCount }, comment)
    for (index, entry) in naive.entries.enumerated() {
      let item = ItemIndex(UInt32(index))
      #expect(tenant.itemIndex(entry.id) == item, comment)
      let record = try #require(tenant.item(item), comment)
      #expect(record.id == entry.id, comment)
      #expect(record.position == entry.position, comment)
      #expect(record.firstPosition == entry.firstPosition, comment)
      #expect(record.item == entry.item, comment)
      #expect(record.isDeleted == entry.isDeleted, comment)
      #expect(record.eventCount == entry.eventCount, comment)
      for type in EventType.allCases {
        #expect(Int(record.counts[type]) == entry.types.filter { $0 == type }.count, comment)
      }
      let trend = entry.trend(at: record.trendSeconds)
      #expect(abs(Double(record.trend) - trend) <= 1e-4 * max(1, trend), comment)
    }
    for (id, expected) in naive.users {
      let user = try #require(tenant.user(id), comment)
      #expect(user.profile == expected.profile, comment)
      #expect(user.position == expected.position, comment)
      #expect(user.eventCount == expected.eventCount, comment)
      #expect(user.history == expected.history, comment)
      #expect(user.items == expected.items, comment)
      #expect(user.ratings == expected.ratings, comment)
      #expect(user.impressions == expected.impressions, comment)
    }
  }

  /// Compares the published lists with the naive model.
  func compareLists(_ tenant: LiveTenant, _ naive: NaiveState, _ comment: Comment) {
    let catalogue = tenant.catalogue()
    #expect(catalogue.count == naive.entries.count, comment)
    #expect(catalogue.showableCount == naive.entries.filter(\.mayBeShown).count, comment)
    for (index, entry) in naive.entries.enumerated() {
      let item = ItemIndex(UInt32(index))
      #expect(catalogue.identifier(item) == entry.id, comment)
      #expect(catalogue.item(item) == entry.item, comment)
      #expect(catalogue.title(item) == entry.item?.title ?? "", comment)
      #expect(catalogue.isShowable(item, at: 0) == entry.mayBeShown, comment)
    }
    let newest = naive.entries.indices.filter { naive.entries[$0].mayBeShown }.sorted { left, right in
      let (a, b) = (naive.entries[left].item?.created, naive.entries[right].item?.created)
      if a == b { return left > right }
      return (a?.microseconds ?? .min) > (b?.microseconds ?? .min)
    }
    #expect(catalogue.newest == newest.prefix(catalogue.newest.count).map { ItemIndex(UInt32($0)) }, comment)
    #expect(
      catalogue.newest.count >= min(newest.count, Limits.rankedItemsMax / 2)
        && catalogue.newest.count <= Limits.rankedItemsMax, comment)

    let counts = tenant.lists().counts
    for type in EventType.allCases {
      let all = naive.entries.map { entry in entry.types.filter { $0 == type }.count }
      #expect(Int(counts.total(type)) == all.reduce(0, +), comment)
      for (index, count) in all.enumerated() {
        #expect(Int(counts[ItemIndex(UInt32(index))][type]) == count, comment)
      }
    }

    let trending = tenant.trending()
    let last = naive.entries.flatMap(\.positives).max() ?? 0
    #expect(
      trending.items.count
        == min(Limits.rankedItemsMax, naive.entries.filter { !$0.positives.isEmpty }.count),
      comment)
    #expect(Set(trending.items).count == trending.items.count, comment)
    #expect(zip(trending.scores, trending.scores.dropFirst()).allSatisfy { $0 >= $1 }, comment)
    let lowest = Double(trending.scores.last ?? 0)
    for (index, entry) in naive.entries.enumerated() where !entry.positives.isEmpty {
      let expected = entry.trend(at: last)
      if let place = trending.items.firstIndex(of: ItemIndex(UInt32(index))) {
        #expect(abs(Double(trending.scores[place]) - expected) <= 1e-4 * max(1, expected), comment)
      } else {
        #expect(expected <= lowest * 1.0001, comment)
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func matchesTheNaiveModel(seed: UInt64) throws {
    let tenant = try makeTenant()
    var naive = NaiveState(weights: .standard)
    var changes = RandomChanges(seed: seed)
    changes.itemCount = seed == 1 ? 40 : 4_000
    changes.userCount = seed == 1 ? 3 : 2
    let total = seed == 1 ? 1_500 : 9_000
    var now = Self.second
    for number in 1...total {
      let change = try changes.next()
      let position = Position(UInt64(number))
      tenant.apply(change, at: position, ingestTime: .zero)
      naive.apply(change, at: position)
      if changes.number(below: 50) == 0 {
        now += UInt64(changes.number(below: 400)) * 1_000_000
        tenant.publish(through: position, now: now)
      }
    }
    now += 2 * Self.second
    tenant.publish(through: Position(UInt64(total)), now: now)
    try compare(tenant, naive, "seed \(seed)")
    compareLists(tenant, naive, "seed \(seed)")
    #expect(tenant.position == Position(UInt64(total)))
    if seed > 1 {
      #expect(
        naive.users.values.contains { $0.contacts.count > Limits.historyEventsMax }, "history cap not reached"
      )
      #expect(naive.users.values.contains { $0.items.count == Limits.userItemsMax }, "item cap not reached")
      #expect(naive.entries.count > Limits.rankedItemsMax, "lists not longer than their cap")
    }
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func applyingAgainChangesNothing(seed: UInt64) throws {
    let tenant = try makeTenant()
    var naive = NaiveState(weights: .standard)
    var changes = RandomChanges(seed: seed)
    changes.itemCount = 50
    var log: [LogEntry.Change] = []
    for number in 1...800 {
      log.append(try changes.next())
      tenant.apply(log[number - 1], at: Position(UInt64(number)), ingestTime: .zero)
      naive.apply(log[number - 1], at: Position(UInt64(number)))
      if changes.number(below: 100) == 0 {
        for again in changes.number(below: number)..<number {
          tenant.apply(log[again], at: Position(UInt64(again + 1)), ingestTime: .zero)
        }
      }
    }
    try compare(tenant, naive, "seed \(seed)")
  }

  /// Drains at random moments into what stands for LevelDB, stops anywhere, restores, and replays the log from the
  /// position the last complete drain began at.
  @Test(arguments: [21, 22, 23, 24, 25, 26] as [UInt64])
  func restoringAndReplayingGivesTheSame(seed: UInt64) throws {
    let tenant = try makeTenant()
    var naive = NaiveState(weights: .standard)
    var changes = RandomChanges(seed: seed)
    changes.itemCount = 60
    changes.userCount = 40
    var log: [LogEntry.Change] = []
    var users: [UserIdentifier: UserRecord] = [:]
    var items: [ItemIndex: ItemRecord] = [:]
    var stored = 0
    var began: Int?
    for number in 1...600 {
      log.append(try changes.next())
      tenant.apply(log[number - 1], at: Position(UInt64(number)), ingestTime: .zero)
      naive.apply(log[number - 1], at: Position(UInt64(number)))
      if changes.number(below: 15) == 0 {
        let start = began ?? number
        let dirty = tenant.drainDirty(usersMax: 1 + changes.number(below: 30))
        for user in dirty.users { users[user.profile.id] = user }
        for item in dirty.items { items[item.index] = item }
        if dirty.isComplete {
          stored = start
          began = nil
        } else {
          began = start
        }
        // Whatever a stored user refers to is stored.
        for user in users.values {
          #expect(user.history.allSatisfy { items[$0.item] != nil }, "seed \(seed)")
          #expect(user.items.allSatisfy { items[$0.item] != nil }, "seed \(seed)")
        }
      }
    }
    #expect(stored > 0 && stored < 600, "seed \(seed): nothing to replay")

    let restored = try makeTenant()
    for record in items.values { try restored.restore(record) }
    for record in users.values { try restored.restore(record) }
    try restored.finishRestore(through: Position(UInt64(stored)))
    #expect(restored.position == Position(UInt64(stored)))
    for number in stored..<600 {
      restored.apply(log[number], at: Position(UInt64(number + 1)), ingestTime: .zero)
    }
    restored.publish(through: Position(600), now: ContinuousNanoseconds.now + 5 * Self.second)
    try compare(restored, naive, "seed \(seed)")
    compareLists(restored, naive, "seed \(seed)")
    // What was restored is clean, what was replayed on top is dirty.
    let dirty = restored.drainDirty(usersMax: .max)
    #expect(dirty.users.allSatisfy { $0.position > Position(UInt64(stored)) }, "seed \(seed)")
    #expect(dirty.isComplete && restored.drainDirty(usersMax: .max).users.isEmpty, "seed \(seed)")
  }

  @Test func boundedDrainsReachEverybody() throws {
    let tenant = try makeTenant()
    for number in 1...500 {
      let profile = UserProfile(id: try UserIdentifier("user\(number)"))
      tenant.apply(.putUser(profile), at: Position(UInt64(number)), ingestTime: .zero)
    }
    var seen = Set<UserIdentifier>()
    var rounds = 0
    while true {
      let dirty = tenant.drainDirty(usersMax: 7)
      #expect(dirty.users.count <= 7)
      seen.formUnion(dirty.users.map(\.profile.id))
      rounds += 1
      if dirty.isComplete || rounds > 1000 { break }
    }
    #expect(seen.count == 500)
  }

  @Test func tenantsAreSeparate() throws {
    let other = try TenantName("other")
    let state = LiveState(tenants: [.default, other, .default], weights: .standard)
    #expect(state.tenants.map(\.name) == [.default, other])
    let item = Item(id: try ItemIdentifier("a"))
    try #require(state.tenant(other)).apply(.putItem(item), at: Position(1), ingestTime: .zero)
    #expect(try #require(state.tenant(other)).counts.items == 1)
    #expect(try #require(state.tenant(.default)).counts.items == 0)
    #expect(state.tenant(try TenantName("missing")) == nil)
  }
}
