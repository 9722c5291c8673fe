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
}
