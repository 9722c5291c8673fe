import Locking
import Logging
import Storage
import Synchronization
import Vocabulary

/// What the threads of the write path share: how far each has come, and whether it still works.
///
/// Invariant: stored ≤ applied ≤ committed. Each only grows, and each has one writer: the committer for the
/// first two, the store thread for the last.
final class WritePath: Sendable {
  private let committedPosition = Atomic<UInt64>(0)
  private let appliedPosition = Atomic<UInt64>(0)
  private let storedPosition = Atomic<UInt64>(0)
  private let logByteCount = Atomic<UInt64>(0)
  private let logSegmentCount = Atomic<Int>(0)
  private let fenced = Atomic<Bool>(false)
  private let fenceMessage = Locked("")
  /// Set when threads shall end as in a crash: nothing more is committed or stored.
  private let abandoned = Atomic<Bool>(false)
  /// Set when the committer has ended: the store thread does one last round.
  private let finished = Atomic<Bool>(false)

  /// Rung when LevelDB should be brought up to date before its time.
  let storeBell = Bell()
  /// Rung after each round of storing.
  let storedBell = Bell()
  let unstored = UnstoredEvents()
  let meters = IngestionMeters()
  let deadLetters: DeadLetterDesk
  /// Accepted events that name a list, for whoever counts what lists lead to.
  let attributed = Handover<AttributedEvent>(capacity: Limits.attributedWaitingMax)
  private let storeInterval: Atomic<Int64>
  private let diskReserve: Atomic<UInt64>
  private let overloadSettings: Locked<OverloadSettings>
  let exporting = ExportTurn()
  let logger: Logger
  private let clock: any Disk
  /// Stands in for the store thread where there is none: one of its turns.
  let storeTurn = Locked<(@Sendable () -> Void)?>(nil)

  init(
    logger: Logger, storeIntervalMilliseconds: Int64, diskFreeBytesMin: UInt64, overload: OverloadSettings,
    deadLetters: DeadLetterDesk, clock: any Disk
  ) {
    self.clock = clock
    self.logger = logger
    self.deadLetters = deadLetters
    storeInterval = Atomic(storeIntervalMilliseconds)
    diskReserve = Atomic(diskFreeBytesMin)
    overloadSettings = Locked(overload)
  }

  /// The wall clock.
  var now: Timestamp { clock.now() }

  /// The committer: has the store thread take a turn, and waits for it at most this long.
  func waitForStore(milliseconds: Int64) {
    if let turn = storeTurn.withLock({ $0 }) { return turn() }
    storeBell.ring()
    storedBell.wait(milliseconds: milliseconds)
  }

  /// Time between two rounds of storing. May change while running.
  var storeIntervalMilliseconds: Int64 {
    get { storeInterval.load(ordering: .relaxed) }
    set { storeInterval.store(newValue, ordering: .relaxed) }
  }

  /// Below this much free space ingest is refused. May change while running.
  var diskFreeBytesMin: UInt64 {
    get { diskReserve.load(ordering: .relaxed) }
    set { diskReserve.store(newValue, ordering: .relaxed) }
  }

  /// How long a batch may wait for the committer. May change while running.
  var overload: OverloadSettings {
    get { overloadSettings.withLock { $0 } }
    set { overloadSettings.withLock { $0 = newValue } }
  }

  /// Last position that is durable.
  var committed: Position {
    get { Position(committedPosition.load(ordering: .acquiring)) }
    set { committedPosition.store(newValue.value, ordering: .releasing) }
  }

  /// Last position visible to reads.
  var applied: Position {
    get { Position(appliedPosition.load(ordering: .acquiring)) }
    set { appliedPosition.store(newValue.value, ordering: .releasing) }
  }

  /// Last position contained in LevelDB.
  var stored: Position {
    get { Position(storedPosition.load(ordering: .acquiring)) }
    set { storedPosition.store(newValue.value, ordering: .releasing) }
  }

  var logBytes: UInt64 {
    get { logByteCount.load(ordering: .relaxed) }
    set { logByteCount.store(newValue, ordering: .relaxed) }
  }

  var logSegments: Int {
    get { logSegmentCount.load(ordering: .relaxed) }
    set { logSegmentCount.store(newValue, ordering: .relaxed) }
  }

  var isAbandoned: Bool {
    get { abandoned.load(ordering: .acquiring) }
    set { abandoned.store(newValue, ordering: .releasing) }
  }

  var isFinished: Bool {
    get { finished.load(ordering: .acquiring) }
    set { finished.store(newValue, ordering: .releasing) }
  }

  var isFenced: Bool { fenced.load(ordering: .acquiring) }

  /// Shuts the write path for the life of the process. After a failed write or sync nobody knows what is on
  /// disk, so nothing more is written; a restart reads what is there. Reads go on.
  func fence(_ message: String) {
    let isFirst = fenceMessage.withLock { kept in
      guard kept.isEmpty else { return false }
      kept = message
      return true
    }
    fenced.store(true, ordering: .releasing)
    guard isFirst else { return }
    logger.critical(
      """
      The write path is fenced: \(message) Reads go on; ingest is refused. Check the disk and the file named, then \
      restart magpied: it recovers everything acknowledged from the log.
      """,
      metadata: ["event": "write_path_fenced"])
  }

  /// What ingest is answered while fenced.
  var fenceFault: Fault {
    Fault(
      .writePathFenced,
      "A write failed earlier, so nothing more is accepted until magpied is restarted: \(fenceMessage.withLock { $0 })"
    )
  }
}
