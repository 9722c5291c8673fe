import LiveState
import Testing
import Vocabulary

/// The grid of places against looking at every item.
@Suite struct PlaceGridTests {
  private func tenant() throws -> LiveTenant {
    try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
  }

  /// Items all over the Earth, in a city, at the poles and on both sides of the date line.
  private func points(_ chance: inout SystemIndependent) -> [GeoPoint] {
    var points: [GeoPoint] = []
    for _ in 0..<300 {
      points.append(
        GeoPoint(latitude: chance.number(-90, 90), longitude: chance.number(-180, 180)))
    }
    for _ in 0..<300 {
      points.append(
        GeoPoint(latitude: chance.number(1.2, 1.5), longitude: chance.number(103.6, 104)))
      points.append(
        GeoPoint(latitude: chance.number(-17, -16.8), longitude: chance.sign() * chance.number(179.8, 180)))
      points.append(
        GeoPoint(latitude: chance.sign() * chance.number(89.8, 90), longitude: chance.number(-180, 180)))
    }
    points += [
      GeoPoint(latitude: 90, longitude: 0), GeoPoint(latitude: -90, longitude: 180),
      GeoPoint(latitude: 0, longitude: 180), GeoPoint(latitude: 0, longitude: -180),
    ]
    return points
  }

  @Test(arguments: [UInt64(1), 2, 3]) func everythingNearIsFound(seed: UInt64) throws {
    var chance = SystemIndependent(seed: seed)
    let tenant = try tenant()
    let points = points(&chance)
    for (place, point) in points.enumerated() {
      var item = Item(id: try ItemIdentifier("i\(place)"))
      item.location = point
      tenant.apply(.putItem(item), at: Position(UInt64(place) + 1), ingestTime: .init(microseconds: 1))
    }
    tenant.publish(through: Position(UInt64(points.count)))
    let grid = tenant.catalogue().places
    #expect(grid.count == points.count)
    for _ in 0..<60 {
      let centre = points[Int(chance.next() % UInt64(points.count))]
      let reach = [0.5, 3, 12, 40][Int(chance.next() % 4)]
      var found: [ItemIndex] = []
      grid.forEach(near: centre, kilometres: reach, most: .max) { found.append($0.item) }
      #expect(Set(found).count == found.count, "seed \(seed): a cell was visited twice")
      let near = points.indices.filter {
        points[$0].direction.kilometres(to: centre.direction) <= reach
      }.map { ItemIndex(UInt32($0)) }
      let missing = Set(near).subtracting(found)
      #expect(missing.isEmpty, "seed \(seed), \(centre), \(reach) km: \(missing)")
    }
    var seen = 0
    grid.forEach(near: points[301], kilometres: 40, most: 7) { _ in seen += 1 }
    #expect(seen == 7)
  }

  @Test func itemsMoveAndGo() throws {
    let tenant = try tenant()
    var position: UInt64 = 0
    func apply(_ change: LogEntry.Change) {
      position += 1
      tenant.apply(change, at: Position(position), ingestTime: .init(microseconds: 1))
      tenant.publish(through: Position(position))
    }
    func near(_ latitude: Double, _ longitude: Double) -> Int {
      var count = 0
      tenant.catalogue().places.forEach(
        near: GeoPoint(latitude: latitude, longitude: longitude), kilometres: 1, most: .max
      ) { _ in count += 1 }
      return count
    }
    var item = Item(id: try ItemIdentifier("a"))
    item.location = GeoPoint(latitude: 48, longitude: 9)
    apply(.putItem(item))
    let before = tenant.catalogue()
    #expect(near(48, 9) == 1)
    item.location = GeoPoint(latitude: 50, longitude: 9)
    apply(.putItem(item))
    #expect(near(48, 9) == 0 && near(50, 9) == 1)
    #expect(before.places.count == 1, "a published catalogue never changes")
    item.location = nil
    apply(.putItem(item))
    #expect(near(50, 9) == 0)
    item.location = GeoPoint(latitude: 50, longitude: 9)
    apply(.putItem(item))
    apply(.deleteItem(item.id))
    #expect(near(50, 9) == 0 && tenant.catalogue().places.count == 0)
    // What stands still is there once, whatever else about it changes.
    item.location = GeoPoint(latitude: 50, longitude: 9)
    apply(.putItem(item))
    item.title = "again"
    apply(.putItem(item))
    #expect(near(50, 9) == 1 && tenant.catalogue().places.count == 1)
  }

  @Test func observersAreToldOnceItShowsAndLeave() throws {
    final class Told: @unchecked Sendable {
      // Unchecked: the test applies and reads on one thread.
      var items: [[ItemIndex]] = []
      var shown: [Int] = []
    }
    let tenant = try tenant()
    let told = Told()
    tenant.observeItems { [unowned tenant] changed in
      told.items.append(Set(changed).sorted())
      told.shown.append(tenant.catalogue().count)
      return told.items.count < 2
    }
    for (place, name) in ["a", "b", "c"].enumerated() {
      tenant.apply(
        .putItem(Item(id: try ItemIdentifier(name))), at: Position(UInt64(place) + 1),
        ingestTime: .init(microseconds: 1))
      tenant.publish(through: Position(UInt64(place) + 1))
    }
    #expect(told.items == [[ItemIndex(0)], [ItemIndex(1)]], "it asked not to be told of the third")
    #expect(told.shown == [1, 2], "the catalogue shows it already")
  }
}

/// Random numbers that are the same everywhere.
struct SystemIndependent {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }

  mutating func number(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }

  mutating func sign() -> Double { next() % 2 == 0 ? 1 : -1 }
}
