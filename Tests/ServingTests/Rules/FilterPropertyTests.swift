import Serving
import Testing
import Vocabulary

/// Random filters through the whole read path against a naive evaluator: what is shown is exactly what may be shown and
/// passes.
@Suite struct FilterPropertyTests {
  /// What the naive side knows of an item, a user and a request.
  private struct Facts {
    var price: Double?
    var stock: Double?
    var categories: [String] = []
    var colour: String?
    var size: Double?
    var isAdult: Bool?
    var ageSeconds: Double?
    var isHidden = false
  }

  private struct Asker {
    var colour: String?
    var limit: Double?
    var hour = 0.0
  }

  /// A filter as text, and what it means.
  private struct Sentence {
    var text: String
    var holds: (Facts, Asker) -> Bool
  }

  private static let colours = ["red", "green", "blue"]

  private func sentence(_ depth: Int, _ random: inout RandomNumbers) -> Sentence {
    if depth > 0, random.below(3) > 0 {
      switch random.below(3) {
      case 0:
        let (left, right) = (sentence(depth - 1, &random), sentence(depth - 1, &random))
        return Sentence(text: "(\(left.text) and \(right.text))") {
          left.holds($0, $1) && right.holds($0, $1)
        }
      case 1:
        let (left, right) = (sentence(depth - 1, &random), sentence(depth - 1, &random))
        return Sentence(text: "(\(left.text) or \(right.text))") { left.holds($0, $1) || right.holds($0, $1) }
      default:
        let inner = sentence(depth - 1, &random)
        return Sentence(text: "not (\(inner.text))") { !inner.holds($0, $1) }
      }
    }
    let number = Double(random.below(20))
    let colour = Self.colours[random.below(3)]
    switch random.below(11) {
    case 0:
      return Sentence(text: "item.price < \(number)") { item, _ in item.price.map { $0 < number } ?? false }
    case 1:
      return Sentence(text: "item.price >= \(number)") { item, _ in item.price.map { $0 >= number } ?? false }
    case 2: return Sentence(text: "item.size != \(number)") { item, _ in item.size != number }
    case 3:
      return Sentence(text: "\"\(colour)\" in item.categories") { item, _ in item.categories.contains(colour)
      }
    case 4: return Sentence(text: "item.colour == \"\(colour)\"") { item, _ in item.colour == colour }
    case 5: return Sentence(text: "item.adult") { item, _ in item.isAdult ?? false }
    case 6:
      return Sentence(text: "text(item.colour) == user.colour") { item, user in
        item.colour != nil && item.colour == user.colour
      }
    case 7:
      return Sentence(text: "item.price + (item.size ?? 1) <= (user.limit ?? 10)") { item, user in
        item.price.map { $0 + (item.size ?? 1) <= (user.limit ?? 10) } ?? false
      }
    case 8:
      return Sentence(text: "item.age < \(Int(number))d") { item, _ in
        item.ageSeconds.map { $0 < number * 86_400 } ?? false
      }
    case 9: return Sentence(text: "context.hour > \(number)") { _, user in user.hour > number }
    default: return Sentence(text: "has(item.stock)") { item, _ in item.stock != nil }
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func whatIsShownIsWhatPasses(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed)
    let world = try World()
    var facts: [String: Facts] = [:]
    func some<Value>(_ value: Value) -> Value? { random.below(4) > 0 ? value : nil }
    func put(_ name: String) throws {
      var fact = Facts()
      fact.price = some(Double(random.below(20)))
      fact.stock = some(Double(random.below(3)))
      fact.categories = Self.colours.filter { _ in random.below(3) == 0 }
      fact.colour = some(Self.colours[random.below(3)])
      fact.size = some(Double(random.below(20)))
      fact.isAdult = some(random.below(2) == 0)
      fact.ageSeconds = some(Double(random.below(20 * 86_400)))
      fact.isHidden = random.below(10) == 0
      facts[name] = fact
      try world.put(name) { item in
        item.price = fact.price
        item.stock = fact.stock
        item.categories = fact.categories
        item.isHidden = fact.isHidden
        if let colour = fact.colour { item.attributes["colour"] = .text(colour) }
        if let size = fact.size { item.attributes["size"] = .number(size) }
        if let isAdult = fact.isAdult { item.attributes["adult"] = .flag(isAdult) }
        if let age = fact.ageSeconds {
          item.created = Timestamp(microseconds: world.now.microseconds - Int64(age) * 1_000_000)
        }
      }
    }
    let names = (0..<40).map { "i\($0)" }
    for name in names { try put(name) }
    var trained = World.Trained(items: names)
    trained.popularity = names.prefix(20).enumerated().map { ($1, 100 - Float($0)) }
    for name in names { trained.factors[name] = (0..<4).map { _ in random.signed() } }
    try world.train(trained)
    try world.event("known", .view, names[0], names[1])
    // Expressions and items change places: what is kept of either must not outlive the other.
    for round in 0..<2_500 {
      if round % 50 == 49 { try put(names[random.below(names.count)]) }
      let filter = sentence(3, &random)
      var asker = Asker()
      asker.colour = some(Self.colours[random.below(3)])
      asker.limit = some(Double(random.below(30)))
      asker.hour = Double(random.below(24))
      let slate = try world.recommend(random.below(2) == 0 ? "known" : "") { request in
        request.k = 100
        request.seen = .allow
        request.explain = .none
        request.filter = Array(filter.text.utf8)
        request.context.attributes = [AttributeDraft(name: Array("hour".utf8), value: .number(asker.hour))]
        if let colour = asker.colour {
          request.userAttributes.append(
            AttributeDraft(name: Array("colour".utf8), value: .text(Array(colour.utf8))))
        }
        if let limit = asker.limit {
          request.userAttributes.append(AttributeDraft(name: Array("limit".utf8), value: .number(limit)))
        }
      }
      let expected = facts.filter { _, fact in
        !fact.isHidden && (fact.stock ?? 1) > 0 && filter.holds(fact, asker)
      }
      #expect(
        Set(slate.items.map(\.item.text)) == Set(expected.keys) && slate.items.count == expected.count,
        "seed \(seed), round \(round): \(filter.text)")
    }
  }
}
