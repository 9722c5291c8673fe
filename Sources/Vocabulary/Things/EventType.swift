/// What a user did. Raw values are stored in the log and sent on the wire: never reuse one.
package enum EventType: UInt8, CaseIterable, Sendable, Hashable {
  case impression = 1
  case view = 2
  case click = 3
  case search = 4
  case like = 5
  case dislike = 6
  case rate = 7
  case addToCart = 8
  case purchase = 9
  case play = 10
  case share = 11
  case comment = 12
  case hide = 13

  /// The name in configuration, files and messages.
  package var name: String {
    switch self {
    case .impression: "impression"
    case .view: "view"
    case .click: "click"
    case .search: "search"
    case .like: "like"
    case .dislike: "dislike"
    case .rate: "rate"
    case .addToCart: "add_to_cart"
    case .purchase: "purchase"
    case .play: "play"
    case .share: "share"
    case .comment: "comment"
    case .hide: "hide"
    }
  }

  package init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// Whether an event of this type must name an item. Only a search need not.
  package var needsItem: Bool { self != .search }
}

/// How much each type of event says about taste; zero or less means it is not a positive signal.
package struct EventWeights: Sendable, Hashable {
  private var weights: [Float]

  /// Defaults: a purchase is the unit's tenfold; looking is one; turning away is negative.
  package static let standard = EventWeights(
    [
      .impression: 0, .view: 1, .click: 1, .search: 0, .like: 4, .dislike: -4, .rate: 3, .addToCart: 5,
      .purchase: 10, .play: 2, .share: 4, .comment: 3, .hide: -10,
    ])

  package init(_ weights: [EventType: Float]) {
    var table = [Float](repeating: 0, count: 256)
    for (type, weight) in weights { table[Int(type.rawValue)] = weight }
    self.weights = table
  }

  package subscript(type: EventType) -> Float {
    get { weights[Int(type.rawValue)] }
    set { weights[Int(type.rawValue)] = newValue }
  }

  /// Whether events of this type count as interest in training and evaluation.
  package func isPositive(_ type: EventType) -> Bool { self[type] > 0 }
}
