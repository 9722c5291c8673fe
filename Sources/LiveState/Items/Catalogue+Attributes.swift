import Vocabulary

/// What items are grouped by.
extension Catalogue {
  /// Calls `body` with the key of each value of an attribute, see `ItemAttribute.key`; not at all where the item has
  /// none. REQUIRES: `contains(index)`. O(values), allocates nothing.
  package func forEachValue(of attribute: ItemAttribute, _ index: ItemIndex, _ body: (UInt64) -> Void) {
    switch attribute {
    case .category:
      for category in categories(index) { body(ItemAttribute.key(category)) }
    case .item: body(ItemAttribute.key(identifier(index).bytes))
    case .owner:
      if let owner = owner(index) { body(ItemAttribute.key(owner.bytes)) }
    case .currency:
      let currency = currency(index)
      if !currency.isEmpty { body(ItemAttribute.key(currency)) }
    case .free(let name):
      switch freeAttribute(name, index) {
      case .text(let text): body(ItemAttribute.key(text))
      case .number(let number): body(ItemAttribute.key(number))
      case .flag(let flag): body(ItemAttribute.key(flag))
      case .texts(let texts): for text in texts { body(ItemAttribute.key(text)) }
      case nil: return
      }
    }
  }

  /// Whether the item belongs to a group. REQUIRES: `contains(index)`. O(values).
  package func isMember(_ index: ItemIndex, of group: ItemGroup) -> Bool {
    var isMember = false
    forEachValue(of: group.attribute, index) { key in if group.holds(key) { isMember = true } }
    return isMember
  }

  /// A number of the item: `price`, or a free attribute that is one; nil where there is none.
  /// REQUIRES: `contains(index)`. O(1).
  package func number(_ name: String, _ index: ItemIndex) -> Double? {
    if name == "price" { return price(index)?.amount }
    guard case .number(let number) = freeAttribute(name, index) else { return nil }
    return number
  }
}
