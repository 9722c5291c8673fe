import Vocabulary

/// The caps of the write path that a test must be able to reach. Everything else runs with `standard`.
package struct IngestionLimits: Sendable {
  package var queueBytesMax = Limits.commitQueueBytesMax
  package var unstoredEventsMax = Limits.unstoredEventsMax
  package var itemsMax = Limits.itemsMax
  package var replayChunkEntries = Limits.replayChunkEntries
  package var storeBatchBytesMax = Limits.storeBatchBytesMax

  package static let standard = IngestionLimits()

  package init() {}

  /// What is bounded by the memory limit as well. REQUIRES: the limit is resolved.
  package init(_ overload: OverloadSettings) {
    queueBytesMax = overload.queueShare(of: Limits.commitQueueBytesMax)
    let bytes = Limits.unstoredEventBytes
    unstoredEventsMax = overload.queueShare(of: Limits.unstoredEventsMax * bytes) / bytes
  }
}
