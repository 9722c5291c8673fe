import LiveState
import Testing
import Vocabulary

@Suite struct CatalogueTests {
  func makeTenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  @Test func aPublishedCatalogueNeverChanges() throws {
    let tenant = try makeTenant()
    // Three chunks, so that some are shared and some are copied.
    for number in 1...600 {
      var item = Item(id: try ItemIdentifier("i\(number)"))
      item.title = "first"
      tenant.apply(.putItem(item), at: Position(UInt64(number)), ingestTime: .zero)
    }
    let empty = tenant.catalogue()
    tenant.publish(through: Position(600))
    let first = tenant.catalogue()
    var changed = Item(id: try ItemIdentifier("i300"))
    changed.title = "second"
    tenant.apply(.putItem(changed), at: Position(601), ingestTime: .zero)
    tenant.apply(.deleteItem(try ItemIdentifier("i1")), at: Position(602), ingestTime: .zero)
    tenant.apply(.putItem(Item(id: try ItemIdentifier("new"))), at: Position(603), ingestTime: .zero)
    #expect(tenant.catalogue() === first, "visible before it was published")
    tenant.publish(through: Position(603))
    let second = tenant.catalogue()

    #expect(empty.count == 0 && first.count == 600 && second.count == 601)
    #expect(first.title(ItemIndex(299)) == "first" && second.title(ItemIndex(299)) == "second")
    #expect(second.title(ItemIndex(298)) == "first")
    #expect(first.isShowable(ItemIndex(0), at: 0) && !second.isShowable(ItemIndex(0), at: 0))
    #expect(first.newest.first == ItemIndex(599) && second.newest.first == ItemIndex(600))
    #expect(first.newest.contains(ItemIndex(0)) && !second.newest.contains(ItemIndex(0)))
    tenant.publish(through: Position(604))
    #expect(tenant.catalogue() === second, "a catalogue was made although nothing changed")
  }

  /// The bit says what the item itself says, in every catalogue, whatever came after.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func plainItemsAreThoseAlwaysShownAndOfferedByNobody(seed: UInt64) throws {
    let tenant = try makeTenant()
    let owner = try UserIdentifier("owner")
    var random = RandomChanges(seed: seed)
    var catalogues: [(Catalogue, [Bool])] = []
    var plain = [Bool](repeating: true, count: 17_000)
    var position: UInt64 = 0
    func change(_ index: Int, _ kind: Int) throws {
      var item = Item(id: try ItemIdentifier("i\(index)"))
      switch kind {
      case 0: item.isHidden = true
      case 1: item.availableUntil = Timestamp(microseconds: 1_000_000)
      case 2: item.owner = owner
      default: break
      }
      position += 1
      tenant.apply(.putItem(item), at: Position(position), ingestTime: .zero)
      plain[index] = kind > 2
    }
    // More than one part of bits.
    for index in plain.indices { try change(index, 3) }
    for _ in 0..<5 {
      for _ in 0..<200 { try change(random.number(below: plain.count), random.number(below: 6)) }
      tenant.publish(through: Position(position))
      catalogues.append((tenant.catalogue(), plain))
    }
    for (catalogue, expected) in catalogues {
      let found = expected.indices.map { catalogue.isPlain(ItemIndex(UInt32($0))) }
      #expect(found == expected, "seed \(seed)")
      #expect(!catalogue.isPlain(ItemIndex(UInt32(plain.count))), "beyond the end")
    }
  }

  /// What each property of an item does to whether it is shown.
  @Test func showsWhatMayBeShown() throws {
    let tenant = try makeTenant()
    var position: UInt64 = 0
    func shown(at seconds: Int64, _ change: (inout Item) -> Void) throws -> Bool {
      position += 1
      let id = try ItemIdentifier("i\(position)")
      var item = Item(id: id)
      change(&item)
      tenant.apply(.putItem(item), at: Position(position), ingestTime: .zero)
      tenant.publish(through: Position(position))
      return tenant.catalogue().isShowable(try #require(tenant.itemIndex(id)), at: seconds)
    }
    let ten = Timestamp(microseconds: 10_000_000)
    let tenAndABit = Timestamp(microseconds: 10_000_001)
    #expect(try shown(at: 0) { _ in })
    #expect(try !shown(at: 0) { $0.isHidden = true })
    #expect(try !shown(at: 0) { $0.stock = 0 })
    #expect(try shown(at: 0) { $0.stock = 0.5 })
    #expect(try !shown(at: 9) { $0.availableFrom = ten })
    #expect(try shown(at: 10) { $0.availableFrom = ten })
    #expect(try !shown(at: 10) { $0.availableFrom = tenAndABit })
    #expect(try shown(at: 11) { $0.availableFrom = tenAndABit })
    #expect(try shown(at: 9) { $0.availableUntil = ten })
    #expect(try !shown(at: 10) { $0.availableUntil = ten })
    #expect(try !shown(at: 10) { $0.availableUntil = tenAndABit })
    #expect(
      try !shown(at: 0) {
        $0.availableFrom = Timestamp(microseconds: .max)
        $0.availableUntil = Timestamp(microseconds: .min)
      })
    #expect(!tenant.catalogue().isShowable(ItemIndex(999), at: 0))
    #expect(!tenant.catalogue().isShowable(ItemIndex(.max), at: 0))
  }

  @Test func knowsWhoOffersAnItem() throws {
    let tenant = try makeTenant()
    let (anna, ben) = (try UserIdentifier("anna"), try UserIdentifier("ben"))
    var item = Item(id: try ItemIdentifier("chair"))
    item.owner = anna
    tenant.apply(.putItem(item), at: Position(1), ingestTime: .zero)
    tenant.publish(through: Position(1))
    #expect(tenant.catalogue().isOffered(ItemIndex(0), by: anna))
    #expect(!tenant.catalogue().isOffered(ItemIndex(0), by: ben))
    item.owner = nil
    tenant.apply(.putItem(item), at: Position(2), ingestTime: .zero)
    tenant.publish(through: Position(2))
    #expect(!tenant.catalogue().isOffered(ItemIndex(0), by: anna))
  }

  @Test func aDeletedItemComesBackWhenItIsPutAgain() throws {
    let tenant = try makeTenant()
    let id = try ItemIdentifier("a")
    tenant.apply(.putItem(Item(id: id)), at: Position(1), ingestTime: .zero)
    tenant.apply(.deleteItem(id), at: Position(2), ingestTime: .zero)
    let view = Event(
      id: try EventIdentifier("e"), type: .view, user: try UserIdentifier("u"), item: id,
      time: Timestamp(microseconds: 1_300_000_000_000_000))
    tenant.apply(.event(view), at: Position(3), ingestTime: .zero)
    tenant.publish(through: Position(3))
    #expect(!tenant.catalogue().isShowable(ItemIndex(0), at: 0), "an event revived a deleted item")
    #expect(tenant.catalogue().isDeleted(ItemIndex(0)) && tenant.catalogue().item(ItemIndex(0)) == nil)
    #expect(tenant.item(ItemIndex(0))?.eventCount == 1)
    tenant.apply(.putItem(Item(id: id)), at: Position(4), ingestTime: .zero)
    tenant.publish(through: Position(4))
    #expect(tenant.catalogue().isShowable(ItemIndex(0), at: 0) && tenant.catalogue().count == 1)
  }

  /// The newest list is always the best of all there are, however much goes at once and however it is grouped: a list of
  /// the same position is the same.
  @Test func theNewestListRefills() throws {
    let total = 5 * Limits.rankedItemsMax
    var expected = (0..<UInt32(total)).reversed().map { ItemIndex($0) }
    let (coarse, fine) = (try makeTenant(), try makeTenant())
    for number in 1...total {
      let put = LogEntry.Change.putItem(Item(id: try ItemIdentifier("i\(number)")))
      for tenant in [coarse, fine] {
        tenant.apply(put, at: Position(UInt64(number)), ingestTime: .zero)
      }
    }
    var position = total
    for tenant in [coarse, fine] { tenant.publish(through: Position(UInt64(position)), now: 1) }
    for round in 0..<3 {
      let gone = expected.prefix(Limits.rankedItemsMax + 7 * round)
      expected.removeFirst(gone.count)
      for item in gone {
        position += 1
        let delete = LogEntry.Change.deleteItem(try ItemIdentifier("i\(item.value + 1)"))
        for tenant in [coarse, fine] {
          tenant.apply(delete, at: Position(UInt64(position)), ingestTime: .zero)
        }
        if position % 13 == 0 { fine.publish(through: Position(UInt64(position)), now: 1) }
      }
      for tenant in [coarse, fine] { tenant.publish(through: Position(UInt64(position)), now: 1) }
      #expect(coarse.catalogue().newest == Array(expected.prefix(Limits.rankedItemsMax)), "round \(round)")
      #expect(fine.catalogue().newest == coarse.catalogue().newest, "round \(round)")
    }
  }
}
