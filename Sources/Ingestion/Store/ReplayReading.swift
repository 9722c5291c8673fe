import Locking
import Storage
import Vocabulary

/// Records of the log on their way to being replayed: read, verified and decoded on a thread of their own, some ahead of
/// where replay is.
///
/// Not sendable: the starting thread owns it.
final class ReplayReading {
  /// A record, and the rows of its events.
  struct Replayed: Sendable {
    var record: LogRecord
    var rows: [UnstoredEvents.Row]
  }

  private enum Arrival: Sendable {
    case records([Replayed])
    case end(StorageFault?)
  }

  /// Where to read, and what to make of each record.
  private struct Reading {
    private var reader: LogReader
    private var writer = ByteWriter(capacity: 128)

    init(_ directory: DataDirectory, after applied: Position) throws(StorageFault) {
      reader = try LogReader(
        path: directory.logPath, from: Position(applied.value &+ 1), on: directory.disk)
    }

    mutating func next() throws(StorageFault) -> Replayed? {
      guard let record = try reader.next() else { return nil }
      var rows: [UnstoredEvents.Row] = []
      rows.reserveCapacity(record.entries.count)
      for (offset, entry) in record.entries.enumerated() {
        guard case .event(let event) = entry.change else { continue }
        let position = Position(record.firstPosition.value &+ UInt64(offset))
        let row = EventRecord(
          replaying: event, at: position, ingestTime: record.ingestTime, using: &writer)
        rows.append(.init(tenant: entry.tenant, id: event.id, record: row))
      }
      return Replayed(record: record, rows: rows)
    }
  }

  /// What the thread does.
  private struct Work: Sendable {
    let directory: DataDirectory
    let applied: Position
    let full: Mailbox<Arrival>
    let room: Mailbox<Bool>

    func run() {
      var fault: StorageFault?
      do throws(StorageFault) { try readAll() } catch { fault = error }
      _ = full.put(.end(fault))
    }

    /// Reads to the end, or until nobody takes anything any more.
    private func readAll() throws(StorageFault) {
      var reading = try Reading(directory, after: applied)
      var rooms: [Bool] = []
      var batch: [Replayed] = []
      var entries = 0
      var isOver = false
      while !isOver {
        if let next = try reading.next() {
          entries += next.record.entries.count
          batch.append(next)
        } else {
          isOver = true
        }
        guard entries >= ReplayReading.entriesPerArrival || (isOver && !batch.isEmpty) else { continue }
        if rooms.isEmpty, !room.take(into: &rooms) { return }
        _ = rooms.popLast()
        _ = full.put(.records(batch))
        batch = []
        entries = 0
      }
    }
  }

  /// Entries handed over at once, so that a log of small groups does not cost a hand-over for each; and how often, so that what
  /// is decoded and not replayed stays a few megabytes.
  private static let entriesPerArrival = 2_000
  private static let arrivalsAhead = 4

  private let full = Mailbox<Arrival>()
  private let room = Mailbox<Bool>()
  private let thread: WorkerThread?
  /// Without a thread.
  private var reading: Reading?
  /// What has arrived, last first.
  private var arrivals: [Arrival] = []
  private var records: ArraySlice<Replayed> = []

  /// - Parameter isThreaded: false reads on the caller's thread. So does a system without threads to be had.
  init(_ directory: DataDirectory, after applied: Position, isThreaded: Bool) throws(StorageFault) {
    guard isThreaded else {
      thread = nil
      reading = try Reading(directory, after: applied)
      return
    }
    for _ in 0..<Self.arrivalsAhead { _ = room.put(true) }
    let work = Work(directory: directory, applied: applied, full: full, room: room)
    thread = WorkerThread("magpie-log-read") { work.run() }
    if thread == nil { reading = try Reading(directory, after: applied) }
  }

  deinit { end() }

  /// The next record, nil after the last. Blocks.
  func next() throws(StorageFault) -> Replayed? {
    if reading != nil { return try reading?.next() }
    while records.isEmpty {
      if arrivals.isEmpty {
        guard full.take(into: &arrivals) else { return nil }
        arrivals.reverse()
      }
      switch arrivals.popLast() {
      case .records(let arrived):
        records = arrived[...]
        _ = room.put(true)
      case .end(let fault):
        full.close()
        if let fault { throw fault }
      case nil: break
      }
    }
    return records.popFirst()
  }

  /// Ends the thread, which may be ahead. Idempotent.
  func end() {
    room.close()
    thread?.join()
  }
}
