import CMessages
import Vocabulary

/// `Snapshot`, and the part of `Status` that tells how one goes.
extension AdminCodec {
  static func decodeSnapshot(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "SnapshotRequest", magpie__v1__snapshot_request__unpack) {
      message throws(Fault) in
      var request = SnapshotRequest()
      request.action = try enumeration(message.action, field: "action")
      request.name = text(message.name)
      request.keep = message.keep
      return .snapshot(request)
    }
  }

  static func encode(_ request: SnapshotRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.action.rawValue))
    writer.text(2, request.name)
    writer.number(3, request.keep)
  }

  static func encode(_ status: SnapshotStatus, into writer: inout MessageWriter) {
    writer.number(1, UInt64(status.state.rawValue))
    writer.number(2, status.job)
    writer.text(3, status.snapshot)
    writer.number(4, status.bytes)
    writer.number(5, status.bytesTotal)
    writer.signed(6, status.started.microseconds)
    writer.signed(7, status.finished.microseconds)
    writer.text(8, status.message)
    writer.signed(9, status.newest.microseconds)
  }

  static func snapshotStatus(
    _ message: borrowing Magpie__V1__SnapshotStatus
  ) throws(Fault) -> SnapshotStatus {
    var status = SnapshotStatus()
    status.state = try enumeration(message.state, field: "snapshot.state")
    status.job = message.job
    status.snapshot = text(message.snapshot)
    status.bytes = message.bytes
    status.bytesTotal = message.bytes_total
    status.started = Timestamp(microseconds: message.started)
    status.finished = Timestamp(microseconds: message.finished)
    status.message = text(message.message)
    status.newest = Timestamp(microseconds: message.newest)
    return status
  }

  static func encode(_ reply: SnapshotReply, into writer: inout MessageWriter) {
    writer.text(1, reply.directory)
    for summary in reply.snapshots { writer.message(2) { encode(summary, into: &$0) } }
    writer.message(3) { encode(reply.status, into: &$0) }
    writer.elements(4, reply.removed.map { Array($0.utf8) })
  }

  private static func encode(_ summary: SnapshotSummary, into writer: inout MessageWriter) {
    writer.text(1, summary.name)
    writer.number(2, summary.position.value)
    writer.signed(3, summary.ingestTime.microseconds)
    writer.signed(4, summary.created.microseconds)
    writer.number(5, summary.bytes)
    writer.number(6, summary.entries)
    writer.number(7, summary.logBegins.value)
    for generation in summary.generations {
      writer.message(8) { writer in
        writer.text(1, generation.tenant)
        writer.number(2, generation.number)
      }
    }
    writer.text(9, summary.problem)
  }

  static func decodeSnapshotReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply
  {
    try arena.unpack(body, as: "SnapshotReply", magpie__v1__snapshot_reply__unpack) {
      message throws(Fault) in
      var reply = SnapshotReply()
      reply.directory = text(message.directory)
      reply.snapshots = try messages(message.snapshots, message.n_snapshots) { message throws(Fault) in
        try summary(message)
      }
      if let status = message.status?.pointee { reply.status = try snapshotStatus(status) }
      reply.removed = byteLists(message.removed, message.n_removed).map {
        String(decoding: $0, as: UTF8.self)
      }
      return .snapshot(reply)
    }
  }

  private static func summary(
    _ message: borrowing Magpie__V1__SnapshotSummary
  ) throws(Fault) -> SnapshotSummary {
    var summary = SnapshotSummary(name: text(message.name))
    summary.position = Position(message.position)
    summary.ingestTime = Timestamp(microseconds: message.ingest_time)
    summary.created = Timestamp(microseconds: message.created)
    summary.bytes = message.bytes
    summary.entries = message.entries
    summary.logBegins = Position(message.log_begins)
    summary.generations = try messages(message.generations, message.n_generations) {
      (tenant: text($0.tenant), number: $0.number)
    }
    summary.problem = text(message.problem)
    return summary
  }
}
