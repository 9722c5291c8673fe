import Vocabulary

extension RandomMessages {
  mutating func snapshotStatus() -> SnapshotStatus {
    var status = SnapshotStatus()
    status.state = SnapshotStatus.State.allCases.randomElement(using: &random) ?? .idle
    status.job = number()
    status.snapshot = word()
    status.bytes = number()
    status.bytesTotal = number()
    status.started = Timestamp(microseconds: signed())
    status.finished = Timestamp(microseconds: signed())
    status.message = word()
    status.newest = Timestamp(microseconds: signed())
    return status
  }

  mutating func snapshot() -> SnapshotSummary {
    var summary = SnapshotSummary(name: word())
    summary.position = Position(number())
    summary.ingestTime = Timestamp(microseconds: signed())
    summary.created = Timestamp(microseconds: signed())
    summary.bytes = number()
    summary.entries = number()
    summary.logBegins = Position(number())
    summary.generations = list { ($0.word(), $0.number()) }
    summary.problem = word()
    return summary
  }

  mutating func snapshotRequest() -> SnapshotRequest {
    var request = SnapshotRequest()
    request.action = [.list, .create, .verify, .prune].randomElement(using: &random) ?? .verify
    request.name = word()
    request.keep = number()
    return request
  }

  mutating func snapshotReply() -> SnapshotReply {
    var reply = SnapshotReply()
    reply.directory = word()
    reply.snapshots = list { $0.snapshot() }
    reply.status = snapshotStatus()
    reply.removed = list { $0.word() }
    return reply
  }
}
