/// Why a run could not be made, or could not go on.
package struct LoadFault: Error, Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// What was asked for makes no sense.
    case plan
    /// The daemon cannot be reached, or refuses what a run needs.
    case daemon
    /// The journal or a report cannot be written or read.
    case file
  }
  package var kind: Kind
  /// One sentence: what is wrong and what to do.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
