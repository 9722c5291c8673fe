import Fakes
import Ingestion
import LiveState
import Logging
import Simulation
import Storage
import Vocabulary

/// A data directory on a simulated disk, the storage core at work on it, and what it must not forget.
///
/// Everything that happens follows from the seed: what is sent, whose turn it is, what fails, what a power loss leaves.
final class World {
  /// An invariant that does not hold.
  struct Violation: Error, CustomStringConvertible {
    var description: String
  }

  static let root = "/data"

  let disk: SimulatedDisk
  var dice: Seeded
  var truth = Truth()
  /// Whether every snapshot is followed by retention.
  var tidiesAlways = false
  /// A model of the live state, and how far it is.
  var shadow: LiveState?
  var shadowThrough: UInt64 = 0
  private(set) var directory: DataDirectory?
  private(set) var running: SteppedIngestor?
  /// The last steps, for whoever reads about a violation.
  private(set) var trace: [String] = []
  private var number = 0
  private var waiting: [Sent] = []

  /// One submission, with the answer once there is one.
  private struct Sent {
    var labels: [String]
    var answer = Answer()
  }

  var settings: Settings = {
    var settings = Settings()
    settings.tenants = [.default]
    settings.diskFreeBytesMin = 0
    return settings
  }()

  init(seed: UInt64) {
    disk = SimulatedDisk(seed: seed)
    dice = Seeded(seed: seed ^ 0x5eed)
  }

  deinit { end(.kill) }

  func note(_ step: String) {
    trace.append("\(step) [call \(disk.calls)]")
    if trace.count > 60 { trace.removeFirst(20) }
  }

  func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(Violation) {
    if !condition { throw Violation(description: text()) }
  }

  func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
  func oneIn(_ count: Int) -> Bool { roll(1...count) == 1 }

  // MARK: Life

  /// Makes the directory; a call that fails is answered honestly, and the next attempt makes it.
  func initialize() throws {
    do {
      try DataDirectory.initialize(at: Self.root, on: disk)
    } catch {
      try requireHonest(error, "initialize")
      disk.plan = .none
      disk.losePower()
      do { try DataDirectory.initialize(at: Self.root, on: disk) } catch {
        // It was complete after all.
        guard error.kind == .notEmpty else { throw error }
      }
    }
  }

  /// What may be said where a plan made a call fail: the system's error, and a file of ours.
  func requireHonest(_ fault: StorageFault, _ doing: String) throws(Violation) {
    note("\(doing): \(fault)")
    try require(disk.failed != nil, "\(doing) failed though no call did: \(fault)")
    switch fault.kind {
    case .io, .permission, .fenced, .stopped: break
    default: throw Violation(description: "\(doing) answered a failed call with \(fault.kind): \(fault)")
    }
    try require(fault.file.hasPrefix("/"), "\(doing): no file is named: \(fault)")
  }

  enum Ending: CaseIterable {
    case stop, kill, powerLoss
  }

  /// Ends the daemon.
  func end(_ ending: Ending) {
    switch ending {
    case .stop: running?.stop()
    case .kill, .powerLoss: running?.abandon()
    }
    collect()
    running = nil
    directory?.close()
    directory = nil
    if disk.everFailed != nil || ending == .powerLoss { disk.plan = .none }
    // What was sent and not answered may be in the log or not.
    waiting = []
    if ending == .powerLoss { disk.losePower() } else { disk.killProcess() }
  }

  /// Starts it. Throws a `StorageFault` where the disk refused.
  func start() throws {
    let opened = try DataDirectory.open(at: Self.root, on: disk)
    do {
      var limits = IngestionLimits.standard
      limits.storeBatchBytesMax = oneIn(2) ? 64 : 4 << 20
      limits.replayChunkEntries = roll(2...30)
      running = try SteppedIngestor(opened, settings: settings, logger: Self.logger, limits: limits)
    } catch {
      opened.close()
      throw error
    }
    directory = opened
  }

  /// Whether there is a data directory that a daemon takes.
  func isInitialized() throws -> Bool {
    do { _ = try DataDirectory.inspect(at: Self.root, on: disk) } catch {
      guard error.kind == .notInitialized else { throw error }
      return false
    }
    return true
  }

  static let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

  /// Starts until it succeeds: attempts may die or be refused while a plan is in force, but not otherwise.
  func startAgain() throws {
    while true {
      disk.forgetFailure()
      do {
        try start()
        note("started")
        return
      } catch let fault as StorageFault {
        try requireHonest(fault, "start")
        directory = nil
        if disk.isDead || oneIn(2) {
          disk.plan = .none
          disk.capacity = .max
        }
        if oneIn(2) { disk.losePower() } else { disk.killProcess() }
      }
    }
  }

  // MARK: Requests

  private func label() -> Int {
    number += 1
    return number
  }

  /// Puts a batch into the queue. The committer has not seen it when this returns.
  func send() {
    guard let running else { return }
    let answer = Answer()
    let complete: @Sendable (Outcome) -> Void = { answer.set($0) }
    let ingestor = running.ingestor
    var labels: [String] = []
    switch roll(0...9) {
    case 0:
      var request = PutItemsRequest()
      for _ in 1...roll(1...2) {
        var draft = ItemDraft()
        let (id, title) = ("i\(roll(0...5))", "t\(label())")
        draft.id = Array(id.utf8)
        draft.title = Array(title.utf8)
        request.items.append(draft)
        labels.append("item \(id) \(title)")
      }
      truth.sent(labels)
      ingestor.put(request, tenant: .default, complete: complete)
    case 1:
      var request = DeleteItemsRequest()
      let id = "i\(roll(0...5))"
      request.items = [Array(id.utf8)]
      labels = ["delete \(id)"]
      truth.sent(labels)
      ingestor.delete(request, tenant: .default, complete: complete)
    case 2:
      var request = PutUsersRequest()
      var draft = UserDraft()
      let (id, value) = ("u\(roll(0...3))", label())
      draft.id = Array(id.utf8)
      draft.attributes = [AttributeDraft(name: [97], value: .number(Double(value)))]
      request.users = [draft]
      labels = ["user \(id) \(value)"]
      truth.sent(labels)
      ingestor.put(request, tenant: .default, complete: complete)
    default:
      var request = IngestEventsRequest()
      for _ in 1...roll(1...4) {
        let id = "e\(label())"
        request.events.append(
          Self.event(id, user: "u\(roll(0...3))", item: "i\(roll(0...5))", number: number))
        labels.append("event \(id)")
      }
      // One that is there already, now and then.
      if oneIn(3), let known = truth.anyEvent(&dice) {
        request.events.append(known)
        labels.append("event \(String(decoding: known.id, as: UTF8.self))")
      }
      truth.sent(labels, request.events)
      ingestor.ingest(request, tenant: .default, complete: complete)
    }
    waiting.append(Sent(labels: labels, answer: answer))
  }

  static func event(_ id: String, user: String, item: String, number: Int) -> EventDraft {
    var draft = EventDraft()
    draft.id = Array(id.utf8)
    draft.type = Int32([EventType.view, .purchase, .dislike, .impression][number % 4].rawValue)
    draft.user = Array(user.utf8)
    draft.item = Array(item.utf8)
    draft.timeMicroseconds = number % 3 == 0 ? 0 : 1_700_000_000_000_000 + Int64(number)
    return draft
  }

  /// Takes the answers that are there. Those of success are promises from now on.
  func collect() {
    var still: [Sent] = []
    for sent in waiting {
      guard let outcome = sent.answer.value else {
        still.append(sent)
        continue
      }
      truth.answered(sent.labels, outcome)
    }
    waiting = still
  }

  // MARK: Steps

  /// The committer's turn, and the invariants that must hold right after it.
  func commit() throws {
    guard let running else { return }
    running.commit()
    collect()
    try glance()
  }

  func seal() throws {
    guard let running else { return }
    if case .failure(let fault) = running.seal() {
      try require(disk.hasFailed, "sealing failed though no call did: \(fault.message)")
    }
    collect()
    try glance()
  }

  func store() throws {
    running?.store()
    try glance()
  }

  /// What can be seen without reading the disk.
  func glance() throws {
    if let wrong = truth.wrong { throw Violation(description: wrong) }
    guard let ingestor = running?.ingestor else { return }
    let (stored, applied, committed) = (ingestor.stored, ingestor.applied, ingestor.committed)
    try require(
      stored <= applied && applied <= committed,
      "stored \(stored), applied \(applied), committed \(committed)")
    try require(
      truth.last <= applied.value, "position \(truth.last) was acknowledged, but \(applied) is applied")
    if ingestor.isFenced { try require(disk.hasFailed, "the write path is fenced though no call failed") }
  }
}
