/// Runs at rising rates, and the highest that was still good.
package struct RateSweep: Sendable {
  /// What counts as good.
  package struct Objective: Sendable, Hashable {
    /// The 99th percentile from the intended moment must not exceed this, milliseconds.
    package var p99Milliseconds: Double
    package init(p99Milliseconds: Double) { self.p99Milliseconds = p99Milliseconds }
  }

  /// One rate and what became of it.
  package struct Step: Sendable {
    /// Requests a second, as asked for.
    package var rate: Double
    package var measurement: Measurement
    package init(rate: Double, measurement: Measurement) {
      self.rate = rate
      self.measurement = measurement
    }
  }

  package let objective: Objective
  package private(set) var steps: [Step] = []

  package init(_ objective: Objective) { self.objective = objective }

  package mutating func add(_ step: Step) { steps.append(step) }

  /// Whether a step held its rate within the objective, without a single error.
  package func isGood(_ step: Step) -> Bool {
    let total = step.measurement.total
    return step.measurement.heldRate && total.errorCount == 0 && total.timedOut == 0 && total.shed == 0
      && Double(total.intended.percentile(99)) <= objective.p99Milliseconds * 1e6
  }

  /// The knee: the last good step before the first that is not. A good step beyond a bad one is luck.
  package var knee: Step? { steps.sorted { $0.rate < $1.rate }.prefix(while: isGood).last }

  /// Rates from a tenth of `most` to 1.2 of it, a tenth apart.
  package static func rates(upTo most: Double) -> [Double] {
    (1...12).map { max(1, (most * Double($0) / 10).rounded()) }
  }
}
