import Vocabulary

extension SnapshotStatus {
  init(_ status: Vocabulary.SnapshotStatus) {
    self.init()
    state = State(rawValue: status.state.name) ?? .idle
    job = status.job
    snapshot = status.snapshot
    bytes = status.bytes
    bytesTotal = status.bytesTotal
    startedMicroseconds = status.started.microseconds
    finishedMicroseconds = status.finished.microseconds
    message = status.message
    newestMicroseconds = status.newest.microseconds
  }
}

extension SnapshotSummary {
  init(_ summary: Vocabulary.SnapshotSummary) {
    self.init(name: summary.name)
    position = summary.position.value
    ingestMicroseconds = summary.ingestTime.microseconds
    createdMicroseconds = summary.created.microseconds
    bytes = summary.bytes
    entries = summary.entries
    logBegins = summary.logBegins.value
    generations = Dictionary(summary.generations.map { ($0.tenant, $0.number) }, uniquingKeysWith: { $1 })
    problem = summary.problem
  }
}

extension SnapshotListing {
  init(_ reply: SnapshotReply) {
    self.init()
    directory = reply.directory
    snapshots = reply.snapshots.map { SnapshotSummary($0) }
    status = SnapshotStatus(reply.status)
    removed = reply.removed
  }
}
