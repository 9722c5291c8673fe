/// Something by which items are grouped: a built-in field or a free attribute.
package enum ItemAttribute: Sendable, Hashable {
  /// An item has as many values as categories.
  case category
  case owner
  case currency
  /// The item's identifier: a group of one.
  case item
  /// A free attribute; a list of texts has several values.
  case free(String)

  /// `category`, `owner`, `currency` and `item` are built in, all others free. Nil for an empty or overlong name, or
  /// one with characters that part the words of a rule.
  package init?(_ name: String) {
    switch name {
    case "category": self = .category
    case "owner": self = .owner
    case "currency": self = .currency
    case "item": self = .item
    default:
      guard (1...Limits.attributeBytesMax).contains(name.utf8.count),
        name.utf8.allSatisfy({ $0 > 32 && $0 != 127 && !":=@,/".utf8.contains($0) })
      else { return nil }
      self = .free(name)
    }
  }

  package var name: String {
    switch self {
    case .category: "category"
    case .owner: "owner"
    case .currency: "currency"
    case .item: "item"
    case .free(let name): name
    }
  }

  /// What a value is compared by: a hash of 64 bits, so that counting values compares no texts. Two values with one
  /// hash would count as one; among a million values that happens once in 30 million catalogues.
  package static func key(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
      hash ^= UInt64(byte)
      hash = hash &* 0x0000_0100_0000_01b3
    }
    return StableHash.mix(hash)
  }

  /// The same for an identifier's bytes.
  package static func key(_ bytes: [UInt8]) -> UInt64 { StableHash.of(bytes) }

  /// The same for a number: 12 and 12.0 are one value, and another than the text "12".
  package static func key(_ number: Double) -> UInt64 {
    StableHash.mix((number == 0 ? 0 : number).bitPattern ^ 0x9e37_79b9_7f4a_7c15)
  }

  /// The same for a flag.
  package static func key(_ flag: Bool) -> UInt64 { key(flag ? "true" : "false") }
}

/// The items of one value: `category=books`, `brand=Acme`, `item=sku-1`.
package struct ItemGroup: Sendable, Hashable {
  package let attribute: ItemAttribute
  package let value: String
  /// The value as a text, and as a number if it is one.
  package let key: UInt64
  package let numberKey: UInt64?

  /// Nil unless `attribute=value`. The value may hold further equality signs.
  package init?(_ text: some StringProtocol) {
    guard let sign = text.firstIndex(of: "="), let attribute = ItemAttribute(String(text[..<sign])) else {
      return nil
    }
    let value = String(text[text.index(after: sign)...])
    guard (1...Limits.attributeBytesMax).contains(value.utf8.count) else { return nil }
    self.attribute = attribute
    self.value = value
    key = ItemAttribute.key(value)
    numberKey = Double(value).map { ItemAttribute.key($0) }
  }

  package var text: String { "\(attribute.name)=\(value)" }

  /// Whether a value is the group's.
  package func holds(_ key: UInt64) -> Bool { key == self.key || key == numberKey }
}
