import Vocabulary

/// Why one attempt at a call failed.
package struct CallFailure: Error, Sendable, Hashable {
  /// What happened.
  package var fault: Fault
  /// Whether the request may have reached the daemon. If not, repeating it is always harmless.
  package var wasSent: Bool

  package init(_ fault: Fault, wasSent: Bool) {
    self.fault = fault
    self.wasSent = wasSent
  }
}
