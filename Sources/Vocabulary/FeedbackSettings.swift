/// What is remembered and written down of the lists that were given out.
package struct FeedbackSettings: Sendable, Hashable {
  /// Share of lists written to the exposure log, chosen by their identifier; 0 writes none.
  package var exposureSample = 0.0
  /// Lists remembered in memory, so that events which name them count for them.
  package var lists = 50_000
  /// Bytes of exposure log kept on disk; the oldest files go first.
  package var exposureBytesMax: UInt64 = 256 << 20

  package init() {}
}
