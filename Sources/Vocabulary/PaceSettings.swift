/// How long the steps of a read may take, and how much less is looked at when answers come late.
package struct PaceSettings: Sendable, Hashable {
  /// Microseconds each step may take before what it can do without is left out, by raw value of the step; 0 means as
  /// long as the request's own deadline allows.
  package var ceilingsMicroseconds = [UInt32](repeating: 0, count: 8)
  /// An answer is late when it takes longer than this from the arrival of its request; 0 keeps full quality always.
  package var targetMicroseconds: UInt32 = 0
  /// The share of `sourceWidth` below which lateness does not narrow the search.
  package var qualityFloor = 0.2

  package init() {}

  /// The steps that have something to leave out.
  package static let bounded: [StepKind] = [.gather, .score, .spread, .keep]

  package subscript(step: StepKind) -> UInt32 {
    get { ceilingsMicroseconds[Int(step.rawValue)] }
    set { ceilingsMicroseconds[Int(step.rawValue)] = newValue }
  }
}
