/// How the list is arranged as a whole. With the defaults it stays as scored.
package struct SpreadSettings: Sendable, Hashable {
  /// Best candidates that diversity chooses from; k if that is more.
  package var pool = 200
  package var method = SpreadMethod.none
  /// How much likeness counts against relevance: 0 leaves the order, 1 forgets relevance.
  package var strength = 0.2
  package var caps: [AttributeCap] = []
  package var shares: [ExposureShare] = []
  package var pins: [Pin] = []
  package var promotions: [Promotion] = []
  package init() {}

  /// Whether candidates beyond k may be needed for the list, however far down.
  package var looksFurther: Bool { !caps.isEmpty || !shares.isEmpty || !promotions.isEmpty }
}

/// How likeness within the list is avoided.
package enum SpreadMethod: String, Sendable, Hashable, CaseIterable {
  case none
  /// Maximal marginal relevance (Carbonell and Goldstein 1998).
  case mmr
  /// Greedy determinantal point process (Chen, Zhang and Zhou 2018).
  case dpp
}

/// At most so many items of one value of an attribute: `category:3` in the list, `brand:2/10` in any 10 in a row.
package struct AttributeCap: Sendable, Hashable {
  package let attribute: ItemAttribute
  package let most: Int
  /// Nil means the whole list.
  package let window: Int?

  package init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":"), let attribute = ItemAttribute(String(text[..<colon])) else {
      return nil
    }
    let parts = text[text.index(after: colon)...].split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2, let most = Int(first),
      (1...Limits.slateItemsMax).contains(most)
    else { return nil }
    self.attribute = attribute
    self.most = most
    guard parts.count == 2 else {
      window = nil
      return
    }
    guard let window = Int(parts[1]), window > most, window <= Limits.capWindowMax else { return nil }
    self.window = window
  }

  package var text: String { "\(attribute.name):\(most)" + (window.map { "/\($0)" } ?? "") }
}

/// The least share of the list's exposure that a group gets: `category=books:0.3`, or with an expression in parentheses
/// `(item.price < 5 and item.stock > 0):0.2`. A place exposes by 1 / log₂(1 + rank) (Singh and Joachims 2018).
package struct ExposureShare: Sendable, Hashable {
  /// Who belongs to it.
  package enum Group: Sendable, Hashable {
    case items(ItemGroup)
    /// Items for which an expression is true; the text between the parentheses. It is compiled elsewhere: this does not
    /// say that it can be.
    case filter(String)
  }

  package let group: Group
  package let share: Double

  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let share = Double(text[text.index(after: colon)...]),
      share > 0, share <= 1
    else { return nil }
    let name = text[..<colon]
    self.share = share
    if name.hasPrefix("(") {
      guard name.hasSuffix(")"), name.count > 2, name.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
        return nil
      }
      group = .filter(String(name.dropFirst().dropLast()))
    } else {
      guard let items = ItemGroup(name) else { return nil }
      group = .items(items)
    }
  }

  package var text: String {
    switch group {
    case .items(let items): "\(items.text):\(share)"
    case .filter(let source): "(\(source)):\(share)"
    }
  }
}

/// An item that stands at a position, from 1: `sku-1@3`.
package struct Pin: Sendable, Hashable {
  package let item: ItemIdentifier
  package let position: Int

  package init?(_ text: String) {
    guard let (name, position) = placed(text), let item = try? ItemIdentifier(String(name)) else {
      return nil
    }
    self.item = item
    self.position = position
  }

  package var text: String { "\(item.text)@\(position)" }
}

/// An item or group raised into a position, from 1: `category=summer@2`, `item=sku-1@2`.
package struct Promotion: Sendable, Hashable {
  package let group: ItemGroup
  package let position: Int
  /// The item, where the group is one.
  package let item: ItemIdentifier?

  package init?(_ text: String) {
    guard let (name, position) = placed(text), let group = ItemGroup(name) else { return nil }
    self.group = group
    self.position = position
    item = group.attribute == .item ? try? ItemIdentifier(group.value) : nil
    if group.attribute == .item, item == nil { return nil }
  }

  package var text: String { "\(group.text)@\(position)" }
}

/// What stands before and behind the last `@`.
private func placed(_ text: String) -> (name: Substring, position: Int)? {
  guard let sign = text.lastIndex(of: "@"), let position = Int(text[text.index(after: sign)...]),
    (1...Limits.slateItemsMax).contains(position)
  else { return nil }
  return (text[..<sign], position)
}
