import Glibc
import Ingestion
import LiveState
import Locking
import Logging
import Storage
import Synchronization
import Vocabulary

/// Remembers which lists were given out and counts what they lead to.
///
/// Event loops hand lists over and go on; the committer does the same with accepted events that name a list. A thread of
/// the desk's own joins the two a few times a second, and so does whoever asks for a report. A list is handed over before
/// its reply is sent, and lists are taken before events, so an event never finds its list missing because it was fast.
///
/// What is counted is a value made of entries, `FeedbackLedger`; every entry is in a journal a moment later, so a restart
/// makes the same value (`FeedbackDesk+Journal`). What is lost on the way is counted.
final class FeedbackDesk: Sendable {
  let ingestor: Ingestor
  let directory: DataDirectory
  let logger: Logger
  private let tenants: [ServedTenant]
  private let ways = Locked<[Handover<Exposure>]>([])
  private let dropped = Atomic<UInt64>(0)
  let state: Locked<State>
  private let bell = Bell()
  private let isStopping = Atomic<Bool>(false)
  private let thread = Locked<WorkerThread?>(nil)

  /// Lists taken in one turn of the lock, so that whoever waits for it waits a millisecond.
  private static let turnMax = 1_024
  /// Lists of one turn whose items are looked up for novelty.
  private static let noveltyListsMax = 64

  struct State {
    var settings: FeedbackSettings
    var ledger = FeedbackLedger()
    var report = FeedbackDeskReport()
    var log: ExposureLog?
    var hasLogFailed = false
    var lines: [UInt8] = []
    /// Entries that are not in the journal yet.
    var unwritten = ByteWriter()
    var journal: FeedbackJournal?
    var hasJournalFailed = false
    var checkpointBytes: UInt64 = 0
    /// When the journal was last told how far events were looked at.
    var marked = Timestamp.zero
  }

  init(
    _ settings: FeedbackSettings, ingestor: Ingestor, tenants: [ServedTenant], directory: DataDirectory,
    logger: Logger
  ) {
    self.ingestor = ingestor
    self.tenants = tenants
    self.directory = directory
    self.logger = logger
    state = Locked(State(settings: settings))
  }

  /// Makes the counts what they were, then begins to work. Without a thread lists are joined only when somebody asks.
  /// Blocks: reads the journal, and what the log has beyond it.
  func start() {
    state.withLock { recover(&$0) }
    thread.withLock { thread in
      thread = WorkerThread("magpie-feedback") { [self] in
        while !isStopping.load(ordering: .acquiring) {
          bell.wait(milliseconds: 200)
          catchUp(.now)
        }
      }
    }
  }

  /// Joins what there is, then ends. Blocks.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    bell.ring()
    thread.withLock { $0 }?.join()
    catchUp(.now)
    state.withLock { writeJournal(&$0, .now, isLast: true) }
  }

  func apply(_ settings: FeedbackSettings) { state.withLock { $0.settings = settings } }

  /// A way for one event loop.
  func makeWay() -> Handover<Exposure> {
    let way = Handover<Exposure>(capacity: Limits.exposuresWaitingMax)
    ways.withLock { $0.append(way) }
    return way
  }

  /// A list did not fit the way.
  func lost() { dropped.wrappingAdd(1, ordering: .relaxed) }

  // MARK: Joining

  /// Takes everything that waits. Blocks for as long as another does the same.
  func catchUp(_ now: Timestamp) {
    let ways = ways.withLock { $0 }
    while takeTurn(ways, now) {}
  }

  /// Returns whether more may wait.
  private func takeTurn(_ ways: [Handover<Exposure>], _ now: Timestamp) -> Bool {
    state.withLock { state in
      // What events up to here say is handed on already.
      let applied = ingestor.applied
      var count = 0
      var novelty = 0
      for way in ways {
        while count < Self.turnMax, let exposure = way.take() {
          remember(exposure, &state, now, isNovel: novelty < Self.noveltyListsMax)
          count += 1
          novelty += 1
        }
      }
      writeLog(&state, now)
      if count < Self.turnMax {
        while count < Self.turnMax, let event = ingestor.takeAttributed() {
          join(event, &state, now)
          count += 1
        }
      }
      if count < Self.turnMax { state.ledger.apply(.mark(applied), remembering: state.settings.lists) }
      writeJournal(&state, now)
      return count == Self.turnMax
    }
  }

  private func remember(_ exposure: Exposure, _ state: inout State, _ now: Timestamp, isNovel: Bool) {
    let slate = exposure.slate
    guard let id = ListIdentifier(slate.recommendation), exposure.tenant < tenants.count else { return }
    state.report.taken &+= 1
    let tenant = tenants[exposure.tenant]
    let key = FeedbackKey(
      tenant: tenant.name,
      scenario: exposure.scenario.isEmpty
        ? ScenarioName.default.text : String(decoding: exposure.scenario, as: UTF8.self),
      generation: slate.generation, experiment: slate.experiment)
    var list = GivenList(
      id: id, key: key, time: now, shown: UInt32(clamping: slate.items.count),
      items: slate.items.prefix(Limits.rememberedItemsMax).map { StableHash.of($0.item.bytes) },
      propensity: exposure.propensity, visitor: Visitor(slate))
    if isNovel { (list.noveltyBits, list.noveltyItems) = Self.novelty(slate, tenant.live) }
    for item in slate.items.prefix(Limits.rememberedItemsMax) where item.placement == .explored {
      if let propensity = item.propensity, propensity > 0 {
        list.explored.append(ExploredItem(item: item.item, propensity: min(1, propensity)))
      }
    }
    let entry = FeedbackEntry.list(list)
    guard state.ledger.apply(entry, remembering: state.settings.lists) == .counted else { return }
    entry.write(into: &state.unwritten)
    if Self.isSampled(id, state.settings.exposureSample) {
      ExposureLine.write(exposure, key, now, into: &state.lines)
      state.report.logged &+= 1
    }
  }

  /// The same lists are chosen wherever they are looked at.
  private static func isSampled(_ id: ListIdentifier, _ share: Double) -> Bool {
    share > 0 && Double(StableHash.mix(id.low) >> 11) * 0x1p-53 < share
  }

  /// −log₂ of the shown items' share of all events, one added to each item (Vargas and Castells, RecSys 2011).
  private static func novelty(_ slate: Slate, _ live: LiveTenant) -> (Double, UInt32) {
    let counts = live.counts
    let all = Double(counts.events) + Double(counts.items)
    guard all > 0 else { return (0, 0) }
    var (bits, items) = (0.0, UInt32(0))
    for item in slate.items.prefix(Limits.rememberedItemsMax) {
      guard let index = live.itemIndex(item.item), let record = live.item(index) else { continue }
      bits -= log2((Double(record.eventCount) + 1) / all)
      items += 1
    }
    return (bits, items)
  }

  private func join(_ event: AttributedEvent, _ state: inout State, _ now: Timestamp) {
    guard let named = NamedEvent(event, now) else {
      state.report.unknown &+= 1
      return
    }
    let entry = FeedbackEntry.event(named)
    switch state.ledger.apply(entry, remembering: state.settings.lists) {
    case .counted:
      state.report.joined &+= 1
      entry.write(into: &state.unwritten)
    case .repeated: state.report.joined &+= 1
    case .unknown: state.report.unknown &+= 1
    }
  }

  private func writeLog(_ state: inout State, _ now: Timestamp) {
    if state.lines.isEmpty || state.hasLogFailed { return state.lines.removeAll() }
    do throws(StorageFault) {
      let log: ExposureLog
      if let open = state.log {
        log = open
      } else {
        log = try ExposureLog(directory)
        state.log = log
      }
      try log.append(state.lines, now: now, bytesMax: state.settings.exposureBytesMax)
      state.report.logBytes = log.bytes
    } catch {
      // Once is enough: whoever needs the log looks at the daemon's.
      state.hasLogFailed = true
      logger.error(
        "The exposure log cannot be written and is given up until a restart: \(error).",
        metadata: ["event": "exposure_log_failed"])
    }
    state.lines.removeAll(keepingCapacity: true)
  }

  // MARK: Reports

  /// Rows in the order of their keys, and how the desk does.
  func report(_ now: Timestamp) -> (rows: [FeedbackReport], desk: FeedbackDeskReport) {
    catchUp(now)
    let catalogues = Dictionary(
      tenants.map { ($0.name, UInt64(clamping: $0.live.catalogue().showableCount)) },
      uniquingKeysWith: { first, _ in first })
    return state.withLock { state in
      var desk = state.report
      desk.dropped = dropped.load(ordering: .relaxed)
      desk.remembered = UInt64(clamping: state.ledger.lists.count)
      desk.unknown &+= ingestor.meters.unattributed.value
      return (state.ledger.reports(now) { catalogues[$0] ?? 0 }, desk)
    }
  }

  /// What is counted and remembered, at one moment.
  func ledger(_ now: Timestamp) -> FeedbackLedger {
    catchUp(now)
    return state.withLock { $0.ledger }
  }
}

extension NamedEvent {
  /// Nil for an event whose list no daemon made.
  init?(_ event: AttributedEvent, _ now: Timestamp) {
    guard let id = ListIdentifier(event.recommendation.bytes) else { return nil }
    self.init(
      id: id, tenant: event.tenant, item: StableHash.of(event.item.bytes), type: event.type,
      position: event.position, time: now)
  }
}

extension FeedbackKey: Comparable {
  package static func < (left: FeedbackKey, right: FeedbackKey) -> Bool {
    if left.tenant != right.tenant { return left.tenant < right.tenant }
    if left.scenario != right.scenario { return left.scenario < right.scenario }
    if left.generation != right.generation { return left.generation < right.generation }
    return left.experiment < right.experiment
  }
}
