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
/// Everything here is memory and ends with the process, except the exposure log. What is lost on the way is counted.
final class FeedbackDesk: Sendable {
  private let ingestor: Ingestor
  private let tenants: [ServedTenant]
  private let directory: DataDirectory
  private let logger: Logger
  private let ways = Locked<[Handover<Exposure>]>([])
  private let dropped = Atomic<UInt64>(0)
  private let state: Locked<State>
  private let bell = Bell()
  private let isStopping = Atomic<Bool>(false)
  private let thread = Locked<WorkerThread?>(nil)

  /// Lists taken in one turn of the lock, so that whoever waits for it waits a millisecond.
  private static let turnMax = 1_024
  /// Lists of one turn whose items are looked up for novelty.
  private static let noveltyListsMax = 64

  private struct State {
    var settings: FeedbackSettings
    var rows: [FeedbackKey: FeedbackRow] = [:]
    /// Lists by identifier, and in the order of their coming; the ring forgets the oldest.
    var lists: [ListIdentifier: RememberedList] = [:]
    var ring: [ListIdentifier] = []
    var ringStart = 0
    var report = FeedbackDeskReport()
    var log: ExposureLog?
    var hasLogFailed = false
    var lines: [UInt8] = []
  }

  /// One list that events may name.
  private struct RememberedList: Sendable {
    var key: FeedbackKey
    /// Hashes of its items, the first ones.
    var items: [UInt64]
    var clicked: Set<UInt64> = []
    var bought: Set<UInt64> = []
    var weight: Double
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

  /// Begins to work. Without a thread lists are joined only when somebody asks.
  func start() {
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
      if count == Self.turnMax { return true }
      while count < Self.turnMax, let event = ingestor.takeAttributed() {
        join(event, &state, now)
        count += 1
      }
      return count == Self.turnMax
    }
  }

  private func remember(_ exposure: Exposure, _ state: inout State, _ now: Timestamp, isNovel: Bool) {
    let slate = exposure.slate
    guard let id = ListIdentifier(slate.recommendation), exposure.tenant < tenants.count else { return }
    state.report.taken &+= 1
    // The same question on the same state has the same name: the same list seen again is one list.
    if state.lists[id] != nil { return }
    let tenant = tenants[exposure.tenant]
    var key = FeedbackKey(
      tenant: tenant.name,
      scenario: exposure.scenario.isEmpty
        ? ScenarioName.default.text : String(decoding: exposure.scenario, as: UTF8.self),
      generation: slate.generation, experiment: slate.experiment)
    if state.rows[key] == nil, state.rows.count >= Limits.feedbackRowsMax {
      key = FeedbackKey(tenant: tenant.name, scenario: "others", generation: .none, experiment: "")
    }
    let weight = 1 / max(exposure.propensity, 1e-6)
    let hashes = slate.items.prefix(Limits.rememberedItemsMax).map { StableHash.of($0.item.bytes) }
    var row = state.rows.removeValue(forKey: key) ?? FeedbackRow()
    let bits = isNovel ? Self.novelty(slate, tenant.live) : (0, 0)
    row.add(now) { counts in
      counts.lists &+= 1
      counts.shown &+= UInt64(slate.items.count)
      counts.noveltyBits += bits.0
      counts.noveltyItems &+= bits.1
    }
    for hash in hashes { row.show(hash, now) }
    row.weigh(weight)
    state.rows[key] = row
    forgetOldest(&state)
    state.lists[id] = RememberedList(key: key, items: hashes, weight: weight)
    state.ring.append(id)
    if Self.isSampled(id, state.settings.exposureSample) {
      ExposureLine.write(exposure, key, now, into: &state.lines)
      state.report.logged &+= 1
    }
  }

  private func forgetOldest(_ state: inout State) {
    while state.ring.count - state.ringStart >= max(1, state.settings.lists) {
      state.lists[state.ring[state.ringStart]] = nil
      state.ringStart += 1
    }
    // Moved to the front when half of it is gone, so each list is moved once.
    if state.ringStart > 1_024, state.ringStart * 2 > state.ring.count {
      state.ring.removeFirst(state.ringStart)
      state.ringStart = 0
    }
  }

  /// The same lists are chosen wherever they are looked at.
  private static func isSampled(_ id: ListIdentifier, _ share: Double) -> Bool {
    share > 0 && Double(StableHash.mix(id.low) >> 11) * 0x1p-53 < share
  }

  /// −log₂ of the shown items' share of all events, one added to each item (Vargas and Castells, RecSys 2011).
  private static func novelty(_ slate: Slate, _ live: LiveTenant) -> (Double, UInt64) {
    let counts = live.counts
    let all = Double(counts.events) + Double(counts.items)
    guard all > 0 else { return (0, 0) }
    var (bits, items) = (0.0, UInt64(0))
    for item in slate.items.prefix(Limits.rememberedItemsMax) {
      guard let index = live.itemIndex(item.item), let record = live.item(index) else { continue }
      bits -= log2((Double(record.eventCount) + 1) / all)
      items += 1
    }
    return (bits, items)
  }

  private func join(_ event: AttributedEvent, _ state: inout State, _ now: Timestamp) {
    let hash = StableHash.of(event.item.bytes)
    guard let id = ListIdentifier(event.recommendation.bytes), var list = state.lists[id],
      list.key.tenant == event.tenant, list.items.contains(hash), var row = state.rows[list.key]
    else {
      state.report.unknown &+= 1
      return
    }
    state.report.joined &+= 1
    switch event.type {
    case .click, .view, .play, .addToCart:
      guard list.clicked.insert(hash).inserted else { return }
      let isFirst = list.clicked.count == 1
      row.add(now) { counts in
        counts.clicks &+= 1
        if isFirst { counts.clickedLists &+= 1 }
      }
      if isFirst { row.weighClick(list.weight) }
    case .purchase:
      guard list.bought.insert(hash).inserted else { return }
      let isFirst = list.bought.count == 1
      row.add(now) { counts in
        counts.conversions &+= 1
        if isFirst { counts.convertedLists &+= 1 }
      }
    default: return
    }
    state.rows[list.key] = row
    state.lists[id] = list
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
      desk.remembered = UInt64(clamping: state.lists.count)
      desk.unknown &+= ingestor.meters.unattributed.value
      let rows = state.rows.map { $1.report($0, now: now, catalogue: catalogues[$0.tenant] ?? 0) }
      return (rows.sorted { $0.key < $1.key }, desk)
    }
  }

  /// Counts and weights of one arm over all generations that answered for it.
  func arm(_ tenant: TenantName, _ label: String, _ now: Timestamp) -> (FeedbackCounts, WeightedSums) {
    catchUp(now)
    return state.withLock { state in
      var counts = FeedbackCounts()
      var weights = WeightedSums()
      for (key, row) in state.rows where key.tenant == tenant && key.experiment == label {
        let total = row.report(key, now: now, catalogue: 0).total
        counts.add(total)
        // Of several generations, those in most: an estimate from below.
        counts.distinctItems = max(counts.distinctItems, total.distinctItems)
        weights.add(row.weights)
      }
      return (counts, weights)
    }
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
