/// A place at which a test may have the process die. The name says what has just been done.
///
/// In the order in which an event, a segment, the state, a snapshot, a generation, a start and an end pass them.
package enum FaultPoint: String, CaseIterable, Sendable {
  // An event on its way.
  case ingestReceived = "ingest.received"
  case ingestQueued = "ingest.queued"
  case commitGathered = "commit.gathered"
  case commitDecided = "commit.decided"
  /// Half of a record is written.
  case logTorn = "log.torn"
  case logWritten = "log.written"
  case logDurable = "log.durable"
  case commitApplied = "commit.applied"
  case commitAnswered = "commit.answered"

  // From one segment to the next.
  case segmentFooter = "segment.footer"
  case segmentSealed = "segment.sealed"
  case segmentHeader = "segment.header"
  case segmentNamed = "segment.named"
  case segmentBegun = "segment.begun"

  // The superblock.
  /// Half of a slot is written.
  case superblockTorn = "superblock.torn"
  case superblockWritten = "superblock.written"
  case superblockDurable = "superblock.durable"
  /// One of two slots knows the new base.
  case baseHalf = "base.half"
  case baseRecorded = "base.recorded"
  case segmentPruned = "segment.pruned"

  // The state behind memory.
  case storeBegun = "store.begun"
  case storeBatch = "store.batch"
  case storeApplied = "store.applied"
  case stateSetAside = "state.set-aside"
  case stateRebuilt = "state.rebuilt"

  // A snapshot.
  case exportHeld = "export.held"
  case snapshotBegun = "snapshot.begun"
  case snapshotBlock = "snapshot.block"
  case snapshotFile = "snapshot.file"
  case snapshotManifest = "snapshot.manifest"
  case snapshotVerified = "snapshot.verified"
  case snapshotNamed = "snapshot.named"
  case snapshotPruned = "snapshot.pruned"

  // A generation. The first five are passed by the trainer, the others by the daemon.
  case generationBegun = "generation.begun"
  case generationArray = "generation.array"
  case generationManifest = "generation.manifest"
  case generationVerified = "generation.verified"
  case generationNamed = "generation.named"
  case trainingSealed = "training.sealed"
  case trainingNumbered = "training.numbered"
  case promoteLinked = "promote.linked"
  case promoteNamed = "promote.named"
  case generationPruned = "generation.pruned"

  // A start.
  case recoveryOpened = "recovery.opened"
  case recoveryTailKept = "recovery.tail-kept"
  case recoveryTailCut = "recovery.tail-cut"
  case recoveryRestored = "recovery.restored"
  case recoveryReplayed = "recovery.replayed"

  // Dead letters, and the end.
  case lettersWritten = "letters.written"
  case lettersNamed = "letters.named"
  case drainBegun = "drain.begun"
  case drainEnded = "drain.ended"
  case stopCommitted = "stop.committed"
  case stopStored = "stop.stored"
}
