import Locking
import Serving
import Vocabulary

/// What one event loop needs to answer: working memory, cached views, its own latencies. Not sendable.
package final class EngineScratch {
  let reading = ReadScratch()
  let latencies: LatencyTable
  /// The way of given lists to the feedback desk.
  let exposures: Handover<Exposure>
  /// How much of the configured width this loop looks at.
  var quality = QualityFactor()
  /// Which reads the log has a line for.
  var log = ReadLog()
  private var views: [ServedTenant.CachedView]
  /// What reads need of the settings, as `refresh` found them.
  private(set) var settings = InForce.Cached()
  /// The tenant of the last request, which is nearly always that of the next.
  var lastTenant: ServedTenant?

  init(tenantCount: Int, latencies: LatencyTable, exposures: Handover<Exposure>) {
    self.latencies = latencies
    self.exposures = exposures
    views = [ServedTenant.CachedView](repeating: .init(), count: tenantCount)
  }

  /// The generation a tenant is served with right now. One atomic load, unless it changed.
  func view(of tenant: ServedTenant) -> GenerationView? {
    tenant.refresh(&views[tenant.number])
    return views[tenant.number].view
  }

  /// Counts what each step of the last read took.
  func recordTimes() {
    reading.forEachTime { latencies.record($0) }
  }

  /// A generation that an experiment names, nil if it is not there.
  func pinned(_ number: GenerationNumber, of tenant: ServedTenant) -> GenerationView? {
    tenant.refresh(&views[tenant.number])
    return views[tenant.number].pinned[number]
  }

  /// Takes over the settings in force right now. One atomic load, unless they changed.
  func refresh(_ inForce: InForce) { inForce.refresh(&settings) }
}
