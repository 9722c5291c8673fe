import Storage
import Vocabulary

extension Engine {
  /// Lists snapshots, after doing what was asked. Blocks: on the background thread only.
  func snapshots(_ request: SnapshotRequest) throws(Fault) -> SnapshotReply {
    var reply = SnapshotReply()
    reply.directory = keeper.shelf.path
    reply.status = keeper.status
    do throws(StorageFault) {
      switch request.action {
      case .list: break
      case .create: reply.status = try begin(.create)
      case .verify: reply.status = try begin(.verify(try keeper.shelf.find(request.name)))
      case .prune:
        guard request.keep > 0, let keep = Int(exactly: request.keep) else {
          throw StorageFault(.invalid, file: "keep", "At least one snapshot must be kept.")
        }
        reply.removed = try keeper.shelf.prune(keep: keep).map(\.text)
      }
      reply.snapshots = try keeper.shelf.list().map { $0.summary }
      return reply
    } catch {
      throw Fault(snapshot: error)
    }
  }

  /// A refusal keeps its own reason on the way out.
  private func begin(_ job: SnapshotKeeper.Job) throws(StorageFault) -> SnapshotStatus {
    do throws(Fault) {
      return try keeper.begin(job)
    } catch {
      throw StorageFault(.locked(pid: 0), file: "", error.message)
    }
  }
}

extension Fault {
  /// A fault of the shelf as a caller is told it.
  init(snapshot fault: StorageFault) {
    switch fault.kind {
    case .noSnapshot: self.init(.snapshotUnknown, fault.message, field: "name")
    case .invalid: self.init(.outOfRange, fault.message, field: fault.file)
    case .locked: self.init(.snapshotBusy, fault.message, retryAfterMilliseconds: 5_000)
    default: self.init(.snapshotFailed, fault.description)
    }
  }
}

extension SnapshotShelf.Entry {
  /// For replies.
  var summary: SnapshotSummary {
    var summary = SnapshotSummary(name: name.text)
    summary.position = name.position
    summary.created = name.created
    summary.problem = problem
    guard let manifest else { return summary }
    summary.ingestTime = Timestamp(microseconds: manifest.ingestTime)
    summary.bytes = manifest.bytes
    summary.entries = manifest.records ?? 0
    summary.logBegins = Position(manifest.logBegins)
    summary.generations = manifest.generations.map { ($0.tenant, $0.number) }
    return summary
  }
}
