import Glibc
import Storage
import Testing
import Vocabulary

/// A data directory with a log and a state that goes with it, and snapshots of it.
final class SmallSnapshot {
  let temporary: TemporaryDirectory
  let directory: DataDirectory
  let log: EventLog
  let store: StateStore
  let shelf: SnapshotShelf
  private var samples: Samples
  private(set) var events: [EventIdentifier] = []
  private var known = Set<EventIdentifier>()
  private var users = Set<UserIdentifier>()
  private var items: UInt32 = 0

  init(seed: UInt64) throws {
    temporary = try TemporaryDirectory()
    directory = try temporary.initialized()
    log = try EventLog.open(directory)
    store = try StateStore.open(directory)
    shelf = SnapshotShelf(path: directory.snapshotsPath)
    samples = Samples(seed: seed)
  }

  deinit {
    log.close()
    store.close()
    directory.close()
  }

  /// Appends one record of `count` entries at a time of its own, and puts that many records into the state.
  func grow(_ count: Int) throws {
    let next = log.next.value
    _ = try log.append(
      (0..<count).map { SmallLog.entry(Int(next) + $0) }, ingestTime: Self.time(of: next))
    try log.synchronize()
    var batch = StateBatch(applied: Position(log.next.value - 1), for: store)
    for _ in 0..<count {
      batch.put(try samples.itemRecord(items), of: .default)
      items += 1
      batch.put(try newUser(), of: .default)
      let id = try newEvent()
      events.append(id)
      batch.put(EventRecord(position: log.next, hash: UInt64(events.count)), id: id, of: .default)
    }
    try store.write(batch)
    try directory.recordAcknowledged(Position(log.next.value - 1))
  }

  /// Identifiers may have one byte, so that they repeat soon; here each record counts.
  private func newUser() throws -> UserRecord {
    while true {
      let record = try samples.userRecord()
      if users.insert(record.profile.id).inserted { return record }
    }
  }

  private func newEvent() throws -> EventIdentifier {
    while true {
      let id = try samples.identifier(EventKind.self)
      if known.insert(id).inserted { return id }
    }
  }

  /// Ingest time of the record whose first position this is.
  static func time(of first: UInt64) -> Timestamp {
    Timestamp(microseconds: 1_700_000_000_000_000 + Int64(first))
  }

  /// What `snapshot` puts into it beside the state.
  static let configuration = Array("port: 7700\n".utf8)

  @discardableResult
  func snapshot(created: Int64 = 1_700_000_001_000_000) throws -> SnapshotManifest {
    let last = try log.seal()
    try shelf.make()
    let manifest = SnapshotManifest(
      directory: directory.identity, position: last, ingestTime: log.lastIngestTime,
      logBegins: Position(directory.base().value + 1), created: Timestamp(microseconds: created),
      program: "test",
      configurationHash: 0xabc, generations: [])
    let writer = try SnapshotWriter(on: shelf, manifest: manifest) { _ in true }
    try writer.addState(try store.beginExport())
    try writer.add(SnapshotManifest.configurationName, Self.configuration)
    return try writer.finish()
  }

  func restore(
    _ name: SnapshotName, to target: String, log: String? = nil, end: SnapshotRestore.End = .all
  ) throws -> SnapshotRestore.Plan {
    let restore = SnapshotRestore(snapshot: shelf.path(of: name), target: target, log: log, end: end)
    let plan = try restore.plan()
    try restore.run(plan) { _ in }
    return plan
  }
}

/// Everything a state holds.
struct StateContents: Equatable {
  var items: [ItemRecord] = []
  var users: [UserRecord] = []
  var events: [EventRecord?] = []
  var applied: Position

  init(_ store: StateStore, events ids: [EventIdentifier]) throws {
    applied = try store.applied()
    try store.forEachItem(.default) { items.append($0) }
    try store.forEachUser(.default) { users.append($0) }
    events = try ids.map { try store.event($0, of: .default) }
  }
}
