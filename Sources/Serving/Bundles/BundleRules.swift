import LiveState
import Vocabulary

/// Which bundles may be shown: those whose members may all be shown, that the user does not have whole, and whose price is
/// within bounds. `Rules` ask this after what forbids the bundle itself.
enum BundleRules {
  /// The answer is kept for the request. O(members) the first time.
  static func allows(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> Bool {
    if let known = scratch.asked[item] { return known == .queried }
    let isAllowed = judge(item, context, scratch)
    scratch.asked.mark(item, isAllowed ? .queried : .noBundle)
    return isAllowed
  }

  private static func judge(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> Bool {
    guard let number = context.bundles.number(of: item), context.bundles.isWhole(number) else { return false }
    let members = context.bundles.members(of: number)
    var isOwned = true
    for value in members {
      let member = ItemIndex(value)
      guard mayBeMember(member, context, scratch) else { return false }
      if isOwned, scratch.bundling.owned[member] == nil { isOwned = false }
    }
    if isOwned { return false }
    return scratch.query.price.isOpen || isAffordable(item, members, context, scratch)
  }

  /// Whether an item may stand in a bundle: what is in the basket already may, what nobody may be shown may not.
  static func mayBeMember(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> Bool {
    guard context.catalogue.isShowable(item, at: scratch.query.seconds) else { return false }
    switch scratch.marks[item] {
    case .excluded, .turnedAway, .elsewhere: return false
    default: break
    }
    if let asker = scratch.query.asker, context.catalogue.isOffered(item, by: asker) { return false }
    return true
  }

  /// The bundle's own price, or else the sum of its members' where all have one, in the same currency.
  static func price(
    of item: ItemIndex, _ members: ArraySlice<UInt32>, _ context: ReadContext
  ) -> (amount: Double, currency: String)? {
    if let price = context.catalogue.price(item) { return price }
    return sum(members.lazy.map { ItemIndex($0) }, context)
  }

  /// The sum of the prices of all, nil unless each has one in the same currency.
  static func sum(_ items: some Sequence<ItemIndex>, _ context: ReadContext) -> (
    amount: Double, currency: String
  )? {
    var sum: (amount: Double, currency: String)?
    for item in items {
      guard context.catalogue.contains(item), let price = context.catalogue.price(item) else { return nil }
      if let before = sum {
        guard before.currency == price.currency else { return nil }
        sum = (before.amount + price.amount, before.currency)
      } else {
        sum = price
      }
    }
    return sum
  }

  private static func isAffordable(
    _ item: ItemIndex, _ members: ArraySlice<UInt32>, _ context: ReadContext, _ scratch: ReadScratch
  ) -> Bool {
    guard let price = price(of: item, members, context) else { return false }
    return scratch.query.price.contains(price.amount, price.currency)
  }

  /// What a bundle is made of, for the reply. Allocates it.
  static func identifiers(_ item: ItemIndex, _ context: ReadContext) -> [ItemIdentifier] {
    guard let number = context.bundles.number(of: item) else { return [] }
    return context.bundles.members(of: number).map { context.catalogue.identifier(ItemIndex($0)) }
  }
}

extension PriceBounds {
  /// Whether a price lies within.
  func contains(_ amount: Double, _ currency: String) -> Bool {
    if let least, amount < least { return false }
    if let most, amount > most { return false }
    return self.currency.isEmpty || self.currency.elementsEqual(currency.utf8)
  }
}
