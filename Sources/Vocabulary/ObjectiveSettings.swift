/// What a list is for, beyond relevance. Without weights relevance alone decides.
package struct ObjectiveSettings: Sendable, Hashable {
  package var weights: [Objective] = []
  /// How much they count: 0 nothing, 1 as an expected value.
  package var share = 1.0
  package init() {}
}

/// What one event on an item is worth: `purchase*margin:1`, `view:0.1`, `hide:-2`.
package struct Objective: Sendable, Hashable {
  package let type: EventType
  /// The number each event is multiplied with: `price` or a free attribute.
  package let value: String?
  package let weight: Double

  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let weight = Double(text[text.index(after: colon)...]),
      weight.isFinite, abs(weight) <= 1_000_000
    else { return nil }
    let parts = text[..<colon].split(separator: "*", omittingEmptySubsequences: false)
    guard let name = parts.first, parts.count <= 2, let type = EventType(name: String(name)), type.needsItem
    else { return nil }
    self.type = type
    self.weight = weight
    guard parts.count == 2 else {
      value = nil
      return
    }
    guard case .free(let attribute)? = ItemAttribute(String(parts[1])) else { return nil }
    value = attribute
  }

  package var text: String {
    "\(type.name)\(value.map { "*" + $0 } ?? ""):\(Int64(exactly: weight).map(String.init) ?? "\(weight)")"
  }
}
