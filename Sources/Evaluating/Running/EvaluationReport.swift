/// A number with its 95 % interval.
package struct Estimate: Sendable, Hashable {
  package let name: String
  package let value: Double
  /// Nil for numbers of all lists together, which have no interval.
  package let low: Double?
  package let high: Double?
}

/// What came out for one model.
package struct ModelReport: Sendable {
  package let name: String
  package let estimates: [Estimate]
  /// Training and ranking, without reading and intervals; for tuned models with the search.
  package let seconds: Double
  package let trainSeconds: Double
  /// Most memory the process held meanwhile, the data included.
  package let peakBytes: UInt64
  package let settings: ModelSettings

  package func value(_ name: String) -> Double? { estimates.first { $0.name == name }?.value }
}

/// Everything an evaluation says.
package struct EvaluationReport: Sendable {
  /// What the numbers mean: split, seen rule, ideal rule, tie rule and more, in reading order.
  package let rules: [(name: String, text: String)]
  package let models: [ModelReport]
  /// Models of `all` that the data did not suit, with the reason.
  package let skipped: [(name: String, reason: String)]
  package let notes: [String]
  package let task: EvaluationTask
  package let lengths: [Int]
  /// Of the whole run, reading included.
  package var seconds = 0.0
  /// Processor time of all threads.
  package var cpuSeconds = 0.0

  /// The most memory the process held at once while a model was made and measured.
  package var peakBytes: UInt64 { models.map(\.peakBytes).max() ?? 0 }
}
