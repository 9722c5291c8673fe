import LiveState
import Vocabulary

/// A seeded stream of changes over a small world, so that things collide. SplitMix64 (Steele, Lea, Flood 2014).
struct RandomChanges {
  private var state: UInt64
  var userCount = 3
  var itemCount = 3_000
  /// Share of events among the changes, in percent.
  var eventPercent = 90
  private var eventNumber = 0

  static let types: [EventType] = [
    .impression, .view, .view, .click, .like, .dislike, .addToCart, .purchase, .purchase, .hide, .search,
  ]

  init(seed: UInt64) { state = seed }

  mutating func number(below limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Int(StableHash.mix(state) % UInt64(limit))
  }

  mutating func item() throws -> ItemIdentifier { try ItemIdentifier("i\(number(below: itemCount))") }
  mutating func user() throws -> UserIdentifier { try UserIdentifier("u\(number(below: userCount))") }

  /// The next change; events are about in order of time, with late ones between.
  mutating func next() throws -> LogEntry.Change {
    let dice = number(below: 100)
    if dice < eventPercent {
      eventNumber += 1
      let type = Self.types[number(below: Self.types.count)]
      let late = number(below: 10) == 0 ? number(below: 1_000_000) : number(below: 60)
      let seconds = Int64(1_300_000_000 + eventNumber * 30 - late)
      return .event(
        Event(
          id: try EventIdentifier("e\(eventNumber)"), type: type, user: try user(),
          item: type == .search ? nil : try item(), time: Timestamp(microseconds: seconds * 1_000_000),
          value: Float(number(below: 5))))
    }
    switch number(below: 10) {
    case 0..<2: return .deleteItem(try item())
    case 2..<3:
      var profile = UserProfile(id: try user())
      profile.attributes["tier"] = .number(Double(number(below: 9)))
      return .putUser(profile)
    default:
      var item = Item(id: try item())
      item.title = "Title \(number(below: 1000))"
      item.isHidden = number(below: 10) == 0
      if number(below: 2) == 0 { item.stock = Double(number(below: 3)) }
      if number(below: 2) == 0 {
        item.created = Timestamp(microseconds: Int64(number(below: 1000)) * 1_000_000)
      }
      return .putItem(item)
    }
  }
}
