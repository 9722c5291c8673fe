/// A bundle that is made up from what goes together, not one of the catalogue.
public struct ProposedBundle: Sendable, Hashable {
  /// The item it is built around first.
  public var members: [String]
  /// Titles of the members, in their order; empty where there is none, or the query did not ask.
  public var titles: [String]
  /// Mean affinity of its pairs; comparable within one answer.
  public var score: Float
  /// What the members cost together; nil unless all have a price, in the same currency.
  public var price: Double?
  /// Of the price.
  public var currency: String

  /// Makes a bundle.
  public init(
    members: [String], titles: [String] = [], score: Float, price: Double? = nil, currency: String = ""
  ) {
    self.members = members
    self.titles = titles
    self.score = score
    self.price = price
    self.currency = currency
  }
}

/// Bundles, best first, with everything needed to attribute and repeat them.
public struct BundleProposals: Sendable, Hashable {
  /// Best first.
  public var bundles: [ProposedBundle] = []
  /// Names this answer in later events.
  public var recommendation = ""
  /// The generation that answered; 0 if none was loaded.
  public var generation: UInt64 = 0
  /// Everything up to here was taken into account.
  public var position: UInt64 = 0
  /// Hash of the settings that answered.
  public var configurationHash: UInt64 = 0
  /// The seed used.
  public var seed: UInt64 = 0
  /// What the answer had to fall back to.
  public var fallbacks: [Fallback] = []

  /// No bundles.
  public init() {}
}

/// One list of several: a slate, or why there is none.
public enum PageList: Sendable, Hashable {
  /// The list.
  case slate(Slate)
  /// What is wrong with this list; the others are answered all the same.
  case fault(MagpieError)
}
