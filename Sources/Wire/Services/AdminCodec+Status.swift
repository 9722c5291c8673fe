import CMessages
import Vocabulary

/// The reply of `Status`.
extension AdminCodec {
  static func encode(_ report: StatusReport, into writer: inout MessageWriter) {
    writer.text(1, report.version)
    writer.bytes(2, report.directory)
    writer.number(3, UInt64(report.state.rawValue))
    writer.signed(4, report.started.microseconds)
    writer.signed(5, report.now.microseconds)
    writer.number(6, report.committed.value)
    writer.number(7, report.applied.value)
    writer.number(8, report.stored.value)
    writer.number(9, report.logBytes)
    writer.number(10, report.logSegments)
    writer.number(11, report.diskFreeBytes)
    writer.number(12, report.residentBytes)
    writer.number(13, report.connections)
    writer.fixed64(14, report.configurationHash)
    writer.number(15, UInt64(report.durability.rawValue))
    for tenant in report.tenants { writer.message(16) { encode(tenant, into: &$0) } }
    encode(report.latencies, 17, into: &writer)
    writer.message(25) { encode(report.snapshot, into: &$0) }
    for row in report.feedback { writer.message(30) { encode(row, into: &$0) } }
    writer.message(31) { encode(report.feedbackDesk, into: &$0) }
    encode(report.freshness, 32, into: &writer)
    writer.number(33, UInt64(report.quality))
    writer.message(40) { encode(report.scrub, into: &$0) }
  }

  private static func encode(_ latencies: [LatencyReport], _ field: UInt32, into writer: inout MessageWriter)
  {
    for latency in latencies {
      writer.message(field) { writer in
        writer.text(1, latency.name)
        writer.number(2, latency.count)
        writer.number(3, latency.errors)
        writer.float(4, latency.p50)
        writer.float(5, latency.p99)
        writer.float(6, latency.max)
      }
    }
  }

  private static func encode(_ tenant: TenantStatus, into writer: inout MessageWriter) {
    writer.text(1, tenant.tenant.text)
    writer.number(2, tenant.users)
    writer.number(3, tenant.items)
    writer.number(4, tenant.events)
    writer.number(5, tenant.generation.value)
    writer.number(6, tenant.trainedTo.value)
    let training = tenant.training
    writer.message(7) { writer in
      writer.number(1, UInt64(training.state.rawValue))
      writer.text(2, training.stage)
      writer.float(3, training.fraction)
      writer.signed(4, training.started.microseconds)
      writer.signed(5, training.finished.microseconds)
      writer.number(6, training.generation.value)
      writer.text(7, training.message)
    }
  }

  static func decodeStatusReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "StatusReply", magpie__v1__status_reply__unpack) { message throws(Fault) in
      var report = StatusReport()
      report.version = text(message.version)
      report.directory = bytes(message.directory)
      report.state = try enumeration(message.state, field: "state")
      report.started = Timestamp(microseconds: message.started)
      report.now = Timestamp(microseconds: message.now)
      report.committed = Position(message.committed)
      report.applied = Position(message.applied)
      report.stored = Position(message.stored)
      report.logBytes = message.log_bytes
      report.logSegments = message.log_segments
      report.diskFreeBytes = message.disk_free_bytes
      report.residentBytes = message.resident_bytes
      report.connections = message.connections
      report.configurationHash = message.configuration_hash
      report.durability = try enumeration(message.durability, field: "durability")
      report.tenants = try messages(message.tenants, message.n_tenants) { message throws(Fault) in
        try tenant(message)
      }
      report.latencies = try messages(message.latencies, message.n_latencies) { latency($0) }
      if let snapshot = message.snapshot?.pointee { report.snapshot = try snapshotStatus(snapshot) }
      report.feedback = try messages(message.feedback, message.n_feedback) { message throws(Fault) in
        try feedback(message)
      }
      if let desk = message.feedback_desk?.pointee { report.feedbackDesk = feedbackDesk(desk) }
      report.freshness = try messages(message.freshness, message.n_freshness) { latency($0) }
      report.quality = message.quality
      if let scrub = message.scrub?.pointee { report.scrub = try scrubReply(scrub) }
      return .status(report)
    }
  }

  private static func latency(_ message: borrowing Magpie__V1__LatencyReport) -> LatencyReport {
    var latency = LatencyReport(name: text(message.name))
    latency.count = message.count
    latency.errors = message.errors
    latency.p50 = message.p50
    latency.p99 = message.p99
    latency.max = message.max
    return latency
  }

  private static func tenant(_ message: borrowing Magpie__V1__TenantStatus) throws(Fault) -> TenantStatus {
    var status = TenantStatus(tenant: try TenantName(text(message.tenant)))
    status.users = message.users
    status.items = message.items
    status.events = message.events
    status.generation = GenerationNumber(message.generation)
    status.trainedTo = Position(message.trained_to)
    guard let training = message.training?.pointee else { return status }
    status.training.state = try enumeration(training.state, field: "tenants.training.state")
    status.training.stage = text(training.stage)
    status.training.fraction = training.fraction
    status.training.started = Timestamp(microseconds: training.started)
    status.training.finished = Timestamp(microseconds: training.finished)
    status.training.generation = GenerationNumber(training.generation)
    status.training.message = text(training.message)
    return status
  }
}
