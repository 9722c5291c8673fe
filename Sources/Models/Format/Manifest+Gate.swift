extension Manifest {
  /// Whether the generation earned its place, and against whom; docs/gate.md has the rule.
  package struct Gate: Codable, Sendable, Hashable {
    /// False if any comparison was lost.
    package var passed: Bool
    /// `on`, `warn` or `off`, as the run was told.
    package var mode: String
    /// The rule in words.
    package var rule: String
    /// What is compared, such as `NDCG@10`.
    package var metric: String
    /// Share of the other's value by which the new one may fall behind.
    package var margin: Double
    /// What was measured of the new generation: `blend` or `fusion`, whichever it serves.
    package var served: String
    /// One for each opponent, also for those that could not be asked.
    package var comparisons: [Comparison]
    /// For people: who won against whom, by how much.
    package var reason: String

    package init(
      passed: Bool, mode: String, rule: String, metric: String, margin: Double, served: String,
      comparisons: [Comparison], reason: String
    ) {
      self.passed = passed
      self.mode = mode
      self.rule = rule
      self.metric = metric
      self.margin = margin
      self.served = served
      self.comparisons = comparisons
      self.reason = reason
    }

    /// Whether the daemon leaves it on the shelf. With `warn` it serves in spite of what it lost.
    package var isRefused: Bool { !passed && mode == Self.refusing }

    /// The mode in which a lost comparison keeps a generation from serving.
    package static let refusing = "on"
  }
}

extension Manifest.Gate {
  /// The new generation and one opponent, asked the same questions.
  package struct Comparison: Codable, Sendable, Hashable {
    /// `popularity`, `item-knn` or `generation N`.
    package var against: String
    /// Users asked; 0 if the comparison could not be made, and then the numbers below are 0 and it decides nothing.
    package var questions: UInt64
    /// Mean of the metric: the new one's and the opponent's.
    package var value: Double
    package var other: Double
    /// Mean of the paired differences, new minus other, and its standard error.
    package var difference: Double
    package var standardError: Double
    package var holds: Bool
    /// Whether the verdict depends on it.
    package var decides: Bool
    /// Which questions these were, or why there is no comparison.
    package var note: String

    package init(
      against: String, questions: UInt64, value: Double, other: Double, difference: Double,
      standardError: Double, holds: Bool, decides: Bool = true, note: String
    ) {
      self.against = against
      self.questions = questions
      self.value = value
      self.other = other
      self.difference = difference
      self.standardError = standardError
      self.holds = holds
      self.decides = decides
      self.note = note
    }

    /// One that could not be made: it decides nothing.
    package init(notMadeAgainst against: String, note: String) {
      self.init(
        against: against, questions: 0, value: 0, other: 0, difference: 0, standardError: 0, holds: true,
        decides: false, note: note)
    }
  }
}
