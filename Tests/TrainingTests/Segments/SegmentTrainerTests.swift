import Foundation
import Models
import Testing
import Training
import Vocabulary

@Suite struct SegmentTrainerTests {
  /// A log of profiles, catalogue entries and events.
  private struct Log {
    var changes: [LogEntry.Change] = []

    mutating func user(_ id: String, _ attributes: [String: AttributeValue]) throws {
      var profile = UserProfile(id: try UserIdentifier(id))
      profile.attributes = attributes
      changes.append(.putUser(profile))
    }

    mutating func item(_ id: String, _ categories: [String]) throws {
      var item = Item(id: try ItemIdentifier(id))
      item.categories = categories
      changes.append(.putItem(item))
    }

    mutating func event(_ user: String, _ item: String, day: Double, _ type: EventType = .view) throws {
      changes.append(
        .event(
          Event(
            id: try EventIdentifier("e\(changes.count)"), type: type, user: try UserIdentifier(user),
            item: try ItemIdentifier(item),
            time: Timestamp(microseconds: (Sample.origin + Int64(day * 86_400)) * 1_000_000))))
    }

    func interactions(shards: Int = 3, attributes: [String] = ["country"]) -> Interactions {
      var builder = InteractionsBuilder(weights: .standard, segmentAttributes: attributes)
      for change in changes { builder.apply(change) }
      return builder.finish(shards: shards)
    }
  }

  private func names(_ table: SegmentTable) -> [String] {
    table.names.map { String(decoding: $0.bytes, as: UTF8.self).replacing("\0", with: ":") }
  }

  private func train(_ data: Interactions, threads: Int = 2) -> SegmentTable {
    let popularity = PopularityTrainer(windowDays: 20, halfLifeDays: 5)
    let pool = ThreadPool(threads: threads)
    return SegmentTrainer(popularity).train(data, scores: popularity.scores(data, pool: pool), pool: pool)
  }

  @Test func theNewestPutCountsAndOnlyTextsDo() throws {
    var log = Log()
    try log.user("a", ["country": .text("France"), "tags": .texts(["x", "y"]), "age": .number(3)])
    try log.user("b", ["country": .text("Spain")])
    try log.user("c", ["country": .flag(true)])
    try log.user("silent", ["country": .text("Nowhere")])
    try log.item("i", ["old", "older"])
    try log.item("j", ["new", "new", "", "other"])
    for user in ["a", "b", "c", "d"] { try log.event(user, "i", day: 1) }
    try log.user("b", ["country": .text("Île")])
    try log.item("i", ["new"])
    let data = log.interactions(attributes: ["country", "tags", "age"])
    let segments = data.segments
    func ofUser(_ id: String) throws -> [String] {
      let user = try #require(data.users.firstIndex { $0.text == id })
      return segments.segments(ofUser: user).map {
        String(decoding: segments.names[Int($0)].bytes, as: UTF8.self)
      }
    }
    #expect(try ofUser("a") == ["country\0France", "tags\0x", "tags\0y"])
    #expect(try ofUser("b") == ["country\0Île"])
    #expect(try ofUser("c").isEmpty)
    #expect(try ofUser("d").isEmpty)
    #expect(!data.users.contains { $0.text == "silent" }, "nobody learns from a profile alone")
    for (row, item) in data.items.enumerated() {
      let categories = segments.segments(ofItem: row).map {
        String(decoding: segments.names[Int($0)].bytes.dropFirst(), as: UTF8.self)
      }
      #expect(categories == (item.text == "i" ? ["new"] : ["new", "other"]))
    }
    #expect(data.filtered { _ in false }.segments.segments(ofItem: 0).count > 0, "a part knows them as well")
  }

  /// Random worlds against sums written down a second time.
  @Test(arguments: [201, 202, 203] as [UInt64]) func matchesPlainSums(seed: UInt64) throws {
    var chance = SeededGenerator(seed: seed)
    var log = Log()
    let countries = ["A", "B", "C", "D"]
    var country: [String: String] = [:]
    var categories: [String: [String]] = [:]
    for user in 0..<60 where user % 7 != 0 {
      // D is so small that it may be left out.
      let drawn = Int.random(in: 0..<20, using: &chance)
      country["u\(user)"] = countries[drawn < 10 ? 0 : drawn < 17 ? 1 : drawn < 19 ? 2 : 3]
      try log.user("u\(user)", ["country": .text(country["u\(user)"] ?? "")])
    }
    for item in 0..<40 {
      categories["i\(item)"] = item < 4 ? ["tiny"] : item % 3 == 0 ? ["x", "y"] : item % 3 == 1 ? ["x"] : []
      try log.item("i\(item)", categories["i\(item)"] ?? [])
    }
    var happened: [(user: String, item: String, day: Double, type: EventType)] = []
    let types: [EventType] = [.view, .purchase, .like, .dislike]
    for _ in 0..<900 {
      let what = (
        user: "u\(Int.random(in: 0..<60, using: &chance))",
        item: "i\(Int.random(in: 0..<40, using: &chance))",
        day: Double(Int.random(in: 0..<120, using: &chance)) / 4,
        type: types[Int.random(in: 0..<4, using: &chance)]
      )
      happened.append(what)
      try log.event(what.user, what.item, day: what.day, what.type)
    }
    let data = log.interactions(shards: 5)
    let table = train(data)
    let now = happened.map(\.day).max() ?? 0
    func sums(_ belongs: (String, String) -> Bool) -> (sums: [String: Double], events: Int, users: Int) {
      var (sums, events, users) = ([String: Double](), 0, Set<String>())
      for what in happened where EventWeights.standard[what.type] > 0 && now - what.day <= 20 {
        guard belongs(what.user, what.item) else { continue }
        sums[what.item, default: 0] += Double(EventWeights.standard[what.type]) * exp2(-(now - what.day) / 5)
        events += 1
        users.insert(what.user)
      }
      return (sums, events, users.count)
    }
    var expected: [String: [String: Double]] = [:]
    for name in countries {
      let found = sums { user, _ in country[user] == name }
      if found.events >= SegmentTrainer.eventsMin, found.users >= SegmentTrainer.usersMin {
        expected["country:" + name] = found.sums
      }
    }
    for name in ["x", "y", "tiny"] {
      let found = sums { _, item in categories[item]?.contains(name) == true }
      if found.events >= SegmentTrainer.eventsMin, found.sums.count >= SegmentTrainer.itemsMin {
        expected[":" + name] = found.sums
      }
    }
    #expect(names(table) == expected.keys.sorted(), "seed \(seed)")
    #expect(expected[":tiny"] == nil, "four items are no list")
    for (segment, name) in names(table).enumerated() {
      let places = table.places(of: segment)
      let wanted = expected[name] ?? [:]
      #expect(places.count == wanted.count, "seed \(seed), \(name)")
      for place in places {
        let score = wanted[data.items[Int(table.rows[place])].text] ?? -1
        #expect(abs(Double(table.scores[place]) - score) < 1e-4 * max(1, score), "seed \(seed), \(name)")
        if place > places.lowerBound { #expect(table.scores[place] <= table.scores[place - 1]) }
      }
    }
    for threads in [1, 3, 7] { #expect(train(data, threads: threads) == table, "\(threads) threads") }
  }

  /// Frenchmen like one half, Spaniards the other; a newcomer is asked by country, an old hand by category as well.
  @Test func ranksByCountryAndByCategory() throws {
    var log = Log()
    for user in 0..<20 {
      try log.user("u\(user)", ["country": .text(user % 2 == 0 ? "France" : "Spain")])
    }
    for item in 0..<20 { try log.item("i\(item)", [item < 10 ? "low" : "high"]) }
    var chance = SeededGenerator(seed: 5)
    for user in 0..<20 {
      for _ in 0..<15 {
        let item = 2 * Int.random(in: 0..<10, using: &chance) + user % 2
        try log.event("u\(user)", "i\(item)", day: Double(Int.random(in: 0..<60, using: &chance)) / 4)
      }
    }
    let data = log.interactions()
    let pool = ThreadPool(threads: 1)
    let popularity = PopularityTrainer(windowDays: 20, halfLifeDays: 5)
    let scores = popularity.scores(data, pool: pool)
    let table = SegmentTrainer(popularity).train(data, scores: scores, pool: pool)
    #expect(names(table) == [":high", ":low", "country:France", "country:Spain"])
    let ranker = SegmentRanker(table, membership: data.segments, popularity: scores)
    func ask(_ user: Int?, _ history: [UInt32]) -> [Float] {
      var output = [Float](repeating: -1, count: data.itemCount)
      history.withUnsafeBufferPointer { history in
        let query = Query(
          user: user, history: history, pairItems: .init(start: nil, count: 0),
          pairConfidences: .init(start: nil, count: 0))
        output.withUnsafeMutableBufferPointer {
          if let start = $0.baseAddress { ranker.score([query], into: start, scratch: ()) }
        }
      }
      return output
    }
    let french = try #require(data.users.firstIndex { $0.text == "u0" })
    let order = ask(french, [])
    func number(_ row: Int) -> Int { Int(data.items[row].text.dropFirst()) ?? -1 }
    let best = order.indices.sorted { order[$0] > order[$1] }.prefix(8)
    #expect(best.allSatisfy { number($0) % 2 == 0 }, "\(best.map(number))")
    #expect(order.allSatisfy { $0 > 0 }, "everybody's popularity stands behind")
    // An item of the high category touched: nobody's country, the category's list.
    let high = try #require(data.items.firstIndex { $0.text == "i15" })
    let lists = ask(nil, [UInt32(high)])
    let first = try #require(lists.indices.max { lists[$0] < lists[$1] })
    #expect(number(first) >= 10)
    #expect(abs(lists[first] - 1) < 1e-5, "the best of the only list has the whole share")
    // Without anything it is popularity.
    let plain = ask(nil, [])
    #expect(
      plain.indices.max { plain[$0] < plain[$1] } == scores.indices.max { scores[$0] < scores[$1] })
  }
}
