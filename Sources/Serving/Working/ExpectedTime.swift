/// What a piece of work will probably take, from what it took lately: decides whether it is begun when the deadline is
/// near.
package struct ExpectedTime: Sendable, Hashable {
  package private(set) var nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// It was skipped: expects an eighth less, so that one slow time is not held against it for ever.
  package mutating func skipped() { nanoseconds -= nanoseconds / 8 }

  /// Expects as much next time; forgets a slow time by an eighth with each faster one.
  package mutating func took(_ nanoseconds: UInt64) {
    let remembered = self.nanoseconds - self.nanoseconds / 8
    self.nanoseconds = max(nanoseconds, remembered)
  }
}
