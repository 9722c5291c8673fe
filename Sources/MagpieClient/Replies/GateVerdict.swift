/// Whether a generation earned its place against popularity, item-kNN and the one that served.
public struct GateVerdict: Sendable, Hashable {
  /// False if any comparison was lost.
  public var passed = false
  /// Whether it is kept from serving unless someone insists.
  public var isRefused = false
  /// `on`, `warn` or `off`.
  public var mode = ""
  /// What was compared, such as `NDCG@10`.
  public var metric = ""
  /// Share of the other's value by which the new one may fall behind.
  public var margin = 0.0
  /// What was measured of the new generation: `blend` or `fusion`.
  public var served = ""
  /// The rule in words.
  public var rule = ""
  /// Who won, in words.
  public var reason = ""
  /// One for each opponent.
  public var comparisons: [GateComparison] = []

  /// A verdict that says nothing yet.
  public init() {}
}

/// A generation and one opponent, asked the same questions.
public struct GateComparison: Sendable, Hashable {
  /// `popularity`, `item-knn` or `generation N`.
  public var against: String
  /// Users asked; 0 if the comparison could not be made.
  public var questions: UInt64 = 0
  /// The new generation's mean.
  public var value = 0.0
  /// The opponent's mean.
  public var other = 0.0
  /// Mean of the paired differences, new minus other.
  public var difference = 0.0
  /// Standard error of that mean.
  public var standardError = 0.0
  /// Whether the new generation wins or holds within the margin.
  public var holds = false
  /// Whether the verdict depends on it.
  public var decides = false
  /// Which questions these were, or why there is no comparison.
  public var note = ""

  /// A comparison that was not made yet.
  public init(against: String) { self.against = against }
}
