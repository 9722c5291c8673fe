/// Why a request, or one thing within it, was not done: what a caller is told.
package struct Fault: Error, Sendable, Hashable {
  package var code: StatusCode { reason.code }
  /// Stable; programs match on it.
  package var reason: FaultReason
  /// One sentence for people: what is wrong and what to do.
  package var message: String
  /// The field at fault, in the schema's spelling, or empty.
  package var field: String
  /// How long to wait before trying again, where waiting helps.
  package var retryAfterMilliseconds: UInt32?

  package init(
    _ reason: FaultReason, _ message: String, field: String = "", retryAfterMilliseconds: UInt32? = nil
  ) {
    self.reason = reason
    self.message = message
    self.field = field
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}
