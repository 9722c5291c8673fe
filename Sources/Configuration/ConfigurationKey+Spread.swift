import Expressions
import Vocabulary

/// Keys of the spread step, exploration and objectives.
extension ConfigurationKey {
  static let spread: [ConfigurationKey] = [
    .integer(
      "reading.spread.pool", \.reading.spread.pool, in: 1...Limits.spreadPoolMax, shapesAnswers: true,
      "Best candidates that diversity chooses from; k if that is more."),
    .choice(
      "reading.spread.method", \.reading.spread.method, shapesAnswers: true,
      "How likeness within a list is avoided."),
    .number(
      "reading.spread.strength", \.reading.spread.strength, in: 0...1, shapesAnswers: true,
      "How much likeness counts against relevance: 0 leaves the order, 1 forgets relevance."),
    .rules(
      "reading.spread.caps", \.reading.spread.caps, most: Limits.spreadRulesMax, AttributeCap.init, \.text,
      "caps such as category:3 or brand:2/10",
      "At most so many items of one value in the list, or in so many places in a row."),
    shares,
    .rules(
      "reading.spread.pins", \.reading.spread.pins, most: Limits.placedItemsMax, Pin.init, \.text,
      "pins such as sku-1@3, no two at one position",
      "Items that stand at a position, from 1."
    ) { Set($0.map(\.position)).count == $0.count },
    .rules(
      "reading.spread.promotions", \.reading.spread.promotions, most: Limits.placedItemsMax, Promotion.init,
      \.text, "promotions such as category=summer@2 or item=sku-1@2, no two at one position",
      "Groups or items raised into a position, from 1."
    ) { Set($0.map(\.position)).count == $0.count },
    slots,
    .integer(
      "reading.exploration.items", \.reading.exploration.items, in: 1...Limits.explorationItemsMax,
      shapesAnswers: true, "New items that take part in exploration, the newest."),
    .number(
      "reading.exploration.age_days", \.reading.exploration.ageDays, in: 0...36_500, above: true,
      shapesAnswers: true, "An item is new for so long after its creation."),
    .integer(
      "reading.exploration.impressions", \.reading.exploration.impressions, in: 1...1_000_000,
      shapesAnswers: true, "An item is new until it was shown so often."),
    .choice(
      "reading.exploration.method", \.reading.exploration.method, shapesAnswers: true,
      "How a new item is chosen for an exploration slot."),
    .number(
      "reading.exploration.rate", \.reading.exploration.rate, in: 0...1, shapesAnswers: true,
      "Share of requests that explore."),
    .rules(
      "reading.objectives.weights", \.reading.objectives.weights, most: Limits.spreadRulesMax,
      Objective.init, \.text, "objectives such as purchase*margin:1, view:0.1 or hide:-2",
      "What events on an item are worth; none leaves relevance alone."),
    .number(
      "reading.objectives.share", \.reading.objectives.share, in: 0...1, shapesAnswers: true,
      "How much objectives count: 0 nothing, 1 as an expected value."),
  ]

  /// Groups by attribute or by expression; the latter are compiled before they are taken.
  private static let shares: ConfigurationKey = {
    var key = rules(
      "reading.spread.shares", \.reading.spread.shares, most: Limits.spreadRulesMax,
      { text in ExposureShare(text).flatMap { mistake(in: $0) == nil ? $0 : nil } }, \.text,
      "shares such as category=books:0.3 or (item.price < 5):0.2",
      "Least share of the list's exposure for a group of items: those of one value, or those for which an expression is true."
    )
    key.problem = { value in
      for text in value.texts ?? [] {
        if let share = ExposureShare(text), let mistake = mistake(in: share) {
          // The expression begins behind the parenthesis.
          return "In \(text), at character \(mistake.character + 1): \(mistake.message)"
        }
      }
      return nil
    }
    return key
  }()

  private static func mistake(in share: ExposureShare) -> ExpressionFault? {
    guard case .filter(let source) = share.group else { return nil }
    do throws(ExpressionFault) {
      _ = try Expression(source, purpose: .filter)
      return nil
    } catch {
      return error
    }
  }

  private static let slots = ConfigurationKey(
    path: "reading.exploration.slots", about: "Positions given to new items, from 1; none explores nothing.",
    accepted:
      "a list of at most \(Limits.explorationSlotsMax) different positions from 1 to \(Limits.slateItemsMax)",
    shapesAnswers: true,
    read: { "[\($0.reading.exploration.slots.map(String.init).joined(separator: ", "))]" },
    write: { settings, value in
      guard let texts = value.texts, texts.count <= Limits.explorationSlotsMax else { return false }
      var slots: [Int] = []
      for text in texts {
        guard let slot = Int(text), (1...Limits.slateItemsMax).contains(slot), !slots.contains(slot) else {
          return false
        }
        slots.append(slot)
      }
      settings.reading.exploration.slots = slots.sorted()
      return true
    })

  /// A list of rules, each a text of its own small form.
  private static func rules<Rule: Sendable>(
    _ path: String, _ field: WritableKeyPath<Settings, [Rule]> & Sendable, most: Int,
    _ parse: @escaping @Sendable (String) -> Rule?, _ text: KeyPath<Rule, String> & Sendable,
    _ accepted: String, _ about: String,
    _ agrees: @escaping @Sendable ([Rule]) -> Bool = { _ in true }
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about, accepted: "a list of at most \(most) \(accepted)", shapesAnswers: true,
      read: { settings in
        "[\(settings[keyPath: field].map { quoted($0[keyPath: text]) }.joined(separator: ", "))]"
      },
      write: { settings, value in
        guard let texts = value.texts, texts.count <= most else { return false }
        var rules: [Rule] = []
        for text in texts {
          guard let rule = parse(text) else { return false }
          rules.append(rule)
        }
        guard agrees(rules) else { return false }
        settings[keyPath: field] = rules
        return true
      })
  }
}
