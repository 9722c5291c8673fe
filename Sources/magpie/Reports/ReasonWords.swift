import MagpieClient

/// Puts reasons into words, with titles where they are known.
struct ReasonWords {
  /// Titles of items that reasons cite.
  private var titles: [String: String] = [:]
  /// What the user last did to an item.
  private var deeds: [String: EventType] = [:]

  init() {}

  /// Asks the daemon for what the words need: the titles of cited items, and what the user did to them. Reasons are
  /// an extra: where it cannot be had, plainer words do.
  init(for slates: [Slate], user: String?, client: MagpieClient) async {
    let cited = Set(slates.flatMap(\.items).flatMap(\.explanations).flatMap(\.items))
    if cited.isEmpty { return }
    for item in slates.flatMap(\.items) where !item.title.isEmpty { titles[item.item] = item.title }
    if let user, let report = try? await client.user(user) {
      // Newest first: the strongest of what was done counts, a purchase above all.
      for row in report.history {
        if !row.title.isEmpty { titles[row.item] = row.title }
        if deeds[row.item].map({ Self.strength($0) < Self.strength(row.type) }) ?? true {
          deeds[row.item] = row.type
        }
      }
    }
    let unknown = cited.filter { titles[$0] == nil }.sorted()
    if !unknown.isEmpty, let reports = try? await client.items(unknown) {
      for report in reports {
        if let title = report.item?.title, !title.isEmpty { titles[report.id] = title }
      }
    }
  }

  private static func strength(_ type: EventType) -> Int {
    switch type {
    case .purchase: 5
    case .like, .rate: 4
    case .addToCart, .play, .share, .comment: 3
    case .click, .view: 2
    case .impression, .search, .dislike, .hide: 1
    }
  }

  /// The first reason of an item, or nothing.
  func text(_ item: SlateItem) -> String { item.explanations.first.map { text($0) } ?? "" }

  func text(_ explanation: Explanation) -> String {
    let items = explanation.items
    switch explanation.code {
    case .becauseYouInteracted: return because(items)
    case .nextInSequence: return items.isEmpty ? "often comes next" : "often comes after \(list(items))"
    case .boughtTogether: return items.isEmpty ? "goes with the others" : "goes with \(list(items))"
    case .buyAgain: return "you may want it again"
    case .popular: return "popular"
    case .trending: return "popular right now"
    case .newItem: return "new"
    case .similarItem: return items.isEmpty ? "similar" : "similar to \(list(items))"
    case .similarUsers:
      return items.isEmpty ? "others like you took it" : "others with \(list(items)) took it"
    case .popularInSegment:
      return explanation.segment.isEmpty ? "popular near you" : "popular in \(explanation.segment)"
    case .trendingInSegment:
      return explanation.segment.isEmpty
        ? "popular right now" : "popular right now in \(explanation.segment)"
    case .similarContent: return items.isEmpty ? "fits what you like" : "resembles \(list(items))"
    case .nearYou: return items.isEmpty ? "near you" : "near \(list(items))"
    case .pinned: return "placed here by hand"
    case .promoted: return "promoted"
    case .explored: return "new, being tried"
    }
  }

  private func because(_ items: [String]) -> String {
    guard let first = items.first else { return "fits what you did before" }
    guard let deed = deeds[first], let verb = Self.verb(deed) else { return "because of \(list(items))" }
    // One verb for all: name those that share it with the first.
    return "because you \(verb) \(list(items.filter { deeds[$0] == deed }))"
  }

  private static func verb(_ type: EventType) -> String? {
    switch type {
    case .view: "looked at"
    case .click: "clicked"
    case .like: "liked"
    case .rate: "rated"
    case .addToCart: "put in your basket"
    case .purchase: "bought"
    case .play: "played"
    case .share: "shared"
    case .comment: "commented on"
    case .impression, .search, .dislike, .hide: nil
    }
  }

  private func list(_ items: [String]) -> String {
    let names = items.prefix(2).map { "\"\(titles[$0] ?? $0)\"" }
    return names.joined(separator: " and ")
  }
}

extension Fallback {
  /// What an answer had to do without, and what helps.
  var words: String {
    switch self {
    case .noGeneration: "Nothing is trained yet, so live counts answered. Train: magpie train --wait"
    case .unknownUser: "The user is not known; the list is not personal."
    case .noHistory: "The user has no history yet; the list is not personal."
    case .unknownItem: "An item of the request is not known, or not trained yet."
    case .emptyCatalogue: "The catalogue is empty. Fill it: magpie import items.csv --kind items"
    case .fewerThanK: "No more items are allowed for this request."
    case .filledWithPopular: "Personal sources gave too little; popular items filled the rest."
    }
  }
}
