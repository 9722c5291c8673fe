/// Whether a generation earned its place, as replies tell it; docs/gate.md has the rule.
package struct GateVerdict: Sendable, Hashable {
  package var passed = false
  /// Whether it is kept from serving: with `warn` one that did not pass serves all the same.
  package var isRefused = false
  /// `on`, `warn` or `off`.
  package var mode = ""
  /// Such as `NDCG@10`.
  package var metric = ""
  /// Share of the other's value by which the new one may fall behind.
  package var margin = 0.0
  /// What was measured of the new generation: `blend` or `fusion`.
  package var served = ""
  package var rule = ""
  package var reason = ""
  package var comparisons: [GateComparison] = []
  package init() {}
}

/// A generation and one opponent, asked the same questions.
package struct GateComparison: Sendable, Hashable {
  /// `popularity`, `item-knn` or `generation N`.
  package var against: String
  /// Users asked; 0 if the comparison could not be made.
  package var questions: UInt64 = 0
  package var value = 0.0
  package var other = 0.0
  /// Mean of the paired differences, and its standard error.
  package var difference = 0.0
  package var standardError = 0.0
  package var holds = false
  /// Whether the verdict depends on it.
  package var decides = false
  package var note = ""
  package init(against: String) { self.against = against }
}

/// One of the settings a generation was trained with, as text.
package struct TrainerSetting: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
