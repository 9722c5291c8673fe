import LiveState
import Testing
import Vocabulary

/// What trends within categories, against the list of all that trends.
@Suite struct CategoryTrendsTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func holdsWhatTrendsOfEachCategory(seed: UInt64) throws {
    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    var categories: [String: [String]] = [:]
    var position: UInt64 = 0
    func apply(_ change: LogEntry.Change) {
      position += 1
      tenant.apply(change, at: Position(position), ingestTime: Timestamp(microseconds: 0))
    }
    for item in 0..<40 {
      let hash = StableHash.mix(seed &+ UInt64(item) &* 7919)
      let names = ["tea", "cups", "pots", "tea"].enumerated().filter { hash >> UInt64($0.offset) & 1 == 1 }
        .map(\.element)
      categories["i\(item)"] = names
      var entry = Item(id: try ItemIdentifier("i\(item)"))
      entry.categories = names
      if item % 5 != 0 { apply(.putItem(entry)) }
    }
    for event in 0..<200 {
      let item = Int(StableHash.mix(seed ^ UInt64(event)) % 40)
      apply(
        .event(
          Event(
            id: try EventIdentifier("e\(event)"), type: .view, user: try UserIdentifier("u"),
            item: try ItemIdentifier("i\(item)"),
            time: Timestamp(microseconds: Int64(1_600_000_000 + event * 3600) * 1_000_000))))
    }
    tenant.publish(through: Position(position), now: 5_000_000_000)
    let lists = tenant.lists()
    let (all, trends) = (lists.trending, lists.categoryTrends)
    let catalogue = tenant.catalogue()
    for name in ["tea", "cups", "pots", "unheard of"] {
      let expected = all.items.indices.filter { place in
        let item = catalogue.identifier(all.items[place]).text
        let number = Int(item.dropFirst()) ?? 0
        return number % 5 != 0 && categories[item]?.contains(name) == true
      }
      let places = trends.number(of: name).map { trends.places(of: $0).map { Int($0) } } ?? []
      #expect(places == expected, "seed \(seed), \(name)")
      if let number = trends.number(of: name) { #expect(trends.name(of: number) == name) }
    }
    #expect(trends.number(of: "tea") != nil, "seed \(seed): otherwise nothing was compared")
  }
}
