/// What is kept on disk: log and state, snapshots, feedback.
extension Limits {
  // MARK: Log and state

  /// Events in one commit group, and its bytes: what one fsync makes durable.
  package static let commitGroupEntriesMax = 16_384
  package static let commitGroupBytesMax = 8 * 1024 * 1024
  /// Bytes waiting for the committer before ingest is refused with a retry hint.
  package static let commitQueueBytesMax = 64 * 1024 * 1024
  /// Part of the last fdatasync, and nanoseconds at most, that a commit waits for the callers it has just answered.
  package static let commitGatherShare: UInt64 = 8
  package static let commitGatherNanosecondsMax: UInt64 = 2_000_000
  /// Events that are durable in the log but not yet in LevelDB. Their identifiers are held in memory, about 200
  /// bytes each; beyond it the committer waits for LevelDB. Half of it wakes the store thread early.
  package static let unstoredEventsMax = 500_000
  package static let unstoredEventBytes = 200
  /// Bytes after which a LevelDB batch is closed and the next begun: a fraction of the write buffer.
  package static let storeBatchBytesMax = 4 * 1024 * 1024
  /// Entries replayed at start between two rounds of storing the identifiers of events.
  package static let replayChunkEntries = 50_000
  /// So many of these, and one in which users and items are stored as well: a start that is killed repeats a few
  /// seconds of replay.
  package static let replayChunksPerRound = 40
  /// One log record holds one commit group; a longer length field is corruption.
  package static let logRecordBytesMax = 2 * commitGroupBytesMax
  /// A segment is sealed when it grows past this, so that training and pruning work on whole files.
  package static let logSegmentBytesMax = 64 * 1024 * 1024
  /// Ingest stops before the disk is full: LevelDB and the log must never see ENOSPC.
  package static let diskFreeBytesMin: UInt64 = 256 * 1024 * 1024

  /// LevelDB's memtable: large, so that many changes of one profile become one write to a table.
  package static let stateWriteBufferBytes = 32 * 1024 * 1024
  /// LevelDB's block cache: only the index of event identifiers is read while serving, and its filter answers
  /// most questions.
  package static let stateCacheBytes = 32 * 1024 * 1024
  /// One false positive in a hundred lookups of an event identifier that is new.
  package static let stateBloomBitsPerKey: Int32 = 10
  /// Tables LevelDB keeps open: 2 MB each, so 1 GB of state without reopening; connections need the rest.
  package static let stateOpenFilesMax = 500

  // MARK: Snapshots

  /// A block of a snapshot's export is closed when it reaches this: large enough that its header and the calls for it
  /// cost nothing, small enough to stay in the cache between reading and writing.
  package static let snapshotBlockBytes = 256 * 1024
  /// A block ends with the record that fills it, and no record is larger than a log record.
  package static let snapshotBlockBytesMax = snapshotBlockBytes + logRecordBytesMax
  /// Looks at LevelDB's files until they stand still for the moment it takes to hold them: some seconds in all.
  package static let stateHoldTriesMax = 2_000
  /// Files of one snapshot: a generation of every tenant, were they all so large.
  package static let snapshotFilesMax = tenantsMax * 64
  /// A snapshot has the disk begin to write each time this much is there: few calls, and little left for the fsync.
  package static let snapshotWritebackBytes: UInt64 = 8 * 1024 * 1024
  /// Free space is looked at each time a snapshot has written this much.
  package static let snapshotFreeCheckBytes: UInt64 = 64 * 1024 * 1024

  // MARK: Feedback

  /// Lists on their way from one event loop to the thread that remembers them: a second of one loop at full load.
  package static let exposuresWaitingMax = 8_192
  /// Events that name a list and wait to be joined with it.
  package static let attributedWaitingMax = 65_536
  /// Kinds of lists counted apart (tenant, scenario, generation, arm): each takes 53 kB; further ones count as one.
  package static let feedbackRowsMax = 256
  /// A feedback journal before it is begun anew: little to read at a start. And the most there may be of one.
  package static let feedbackFileBytes: UInt64 = 32 << 20, feedbackFileBytesMax: UInt64 = 4 << 30
  package static let itemEstimatesMax = 50  // explored items that are reported: those shown most
  /// Items of one list that are remembered for joining: what nobody scrolls to is not clicked either.
  package static let rememberedItemsMax = 200
  /// Lists remembered at most: about 250 bytes each for ten items.
  package static let rememberedListsMax = 2_000_000
  /// Bytes of one file of the exposure log before the next begins.
  package static let exposureFileBytes: UInt64 = 32 << 20
  /// Experiments, and arms of one: each arm is a row of counts.
  package static let experimentsMax = 32
  package static let armsMax = 16
  /// Lists an estimate from weights must amount to, or it is not told.
  package static let effectiveListsMin = 100.0
}
