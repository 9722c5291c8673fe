/// The reply of `Replay`.
package struct ReplayReply: Sendable, Hashable {
  package var slate: Slate
  /// The digest in the token, and that of `slate`. The second is computed when the reply is encoded.
  package var expected: UInt64
  package var found: UInt64

  package init(_ slate: Slate, expected: UInt64, found: UInt64 = 0) {
    self.slate = slate
    self.expected = expected
    self.found = found
  }

  /// Whether the list is, byte for byte, the one the token came with.
  package var isSame: Bool { expected == found }
}
