import Ingestion
import Metering
import Models
import Serving
import Vocabulary

extension Engine {
  /// Limits and versions, so that a client need not guess.
  var hello: HelloReply {
    var reply = HelloReply()
    reply.version = version
    reply.directory = directory.identity
    reply.state = state
    reply.durability = .committed
    reply.frameBytesMax = UInt32(clamping: Limits.frameBytesMax)
    reply.streamsMax = UInt32(clamping: Limits.streamsPerConnectionMax)
    reply.batchItemsMax = UInt32(clamping: Limits.batchItemsMax)
    reply.slateItemsMax = UInt32(clamping: Limits.slateItemsMax)
    reply.timeoutMillisecondsMax = Limits.timeoutMillisecondsMax
    return reply
  }

  /// What goes on, all tenants. Positions are read from the last to the first, so that stored ≤ applied ≤
  /// committed holds in the report too.
  var status: StatusReport {
    var report = StatusReport()
    report.version = version
    report.directory = directory.identity
    report.state = state
    report.started = started
    report.now = .now
    report.stored = ingestor.stored
    report.applied = ingestor.applied
    report.committed = ingestor.committed
    report.logBytes = ingestor.logBytes
    report.logSegments = UInt64(clamping: ingestor.logSegments)
    report.diskFreeBytes = directory.freeBytes()
    report.residentBytes = MemoryKeeper.residentBytes
    report.connections = UInt64(clamping: gauge.count)
    report.configurationHash = configurationHash
    report.durability = .committed
    report.tenants = tenants.map(Self.status)
    report.latencies = latencies
    report.snapshot = keeper.status
    report.scrub = scrubber.report
    report.scrub.damages = Array(report.scrub.damages.prefix(1))
    (report.feedback, report.feedbackDesk) = feedback.report(.now)
    report.freshness = [
      Histogram.Sum([ingestor.meters.receivedToVisible]).report("received_to_visible"),
      Histogram.Sum([ingestor.meters.durableToVisible]).report("durable_to_visible"),
    ].compactMap { $0 }
    report.quality = UInt32(clamping: tables.map(\.quality.value).min() ?? 1_000)
    return report
  }

  private static func status(of tenant: ServedTenant) -> TenantStatus {
    var status = TenantStatus(tenant: tenant.name)
    let counts = tenant.live.counts
    status.users = UInt64(clamping: counts.users)
    status.items = UInt64(clamping: counts.items)
    status.events = counts.events
    if let manifest = tenant.current?.generation.manifest {
      status.generation = manifest.generation
      status.trainedTo = manifest.position
    }
    status.training = tenant.training.withLock { $0 }
    return status
  }
}
