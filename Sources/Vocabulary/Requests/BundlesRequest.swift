/// What a bundle may cost, both ends included.
package struct PriceBounds: Sendable, Hashable {
  package var least: Double?
  package var most: Double?
  /// Empty takes prices in any currency by their number.
  package var currency: [UInt8] = []
  package init() {}

  /// Whether there is nothing to check.
  package var isOpen: Bool { least == nil && most == nil && currency.isEmpty }
}

/// `Bundles`: which items make a good bundle around these, or for this user?
package struct BundlesRequest: Sendable, Hashable {
  /// Each bundle holds one of these; empty starts from what the user touched last, or from what is popular.
  package var basket: [[UInt8]] = []
  package var user: [UInt8] = []
  /// Bundles wanted, 1 to `Limits.proposedBundlesMax`.
  package var k: UInt32 = 5
  /// Members of each, 2 to `Limits.proposedMembersMax`; zero means 2 and 4.
  package var sizeMin: UInt32 = 0
  package var sizeMax: UInt32 = 0
  /// A member that is added must belong to one of these; empty allows all.
  package var categories: [[UInt8]] = []
  /// Whether no two members may share a category.
  package var hasDistinctCategories = false
  /// Of the members together.
  package var price = PriceBounds()
  package var exclude: [[UInt8]] = []
  /// Same state, generation and seed give the same bundles.
  package var seed: UInt64 = 0
  package var includeTitles = false
  /// Refuse with `position_not_reached` if the daemon has not applied this position yet.
  package var minPosition: UInt64 = 0
  package init() {}
}
