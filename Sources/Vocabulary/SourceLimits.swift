/// How many candidates each source gives, and how long it may take.
package struct SourceLimits: Sendable, Hashable {
  /// Candidates of a source where it differs; 0 means `ReadingSettings.sourceWidth`.
  package var widths: [SourceKind: Int] = [:]
  /// Microseconds a source may be expected to take; a source expected to take longer is skipped. 0 means no bound but the
  /// deadline.
  package var budgetMicroseconds = 0
  /// The same of single sources where it differs; 0 means `budgetMicroseconds`.
  package var budgetsMicroseconds: [SourceKind: Int] = [:]
  package init() {}

  /// Nanoseconds a source may take, nil without a bound.
  package func budgetNanoseconds(of source: SourceKind) -> UInt64? {
    let own = budgetsMicroseconds[source] ?? 0
    let budget = own > 0 ? own : budgetMicroseconds
    return budget > 0 ? UInt64(budget) * 1000 : nil
  }
}
