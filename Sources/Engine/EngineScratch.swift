import Serving
import Vocabulary

/// What one event loop needs to answer: working memory, cached views, its own latencies. Not sendable.
package final class EngineScratch {
  let reading = ReadScratch()
  let latencies: LatencyTable
  private var views: [ServedTenant.CachedView]
  private var inForce = InForce.Cached()

  init(tenantCount: Int, latencies: LatencyTable) {
    self.latencies = latencies
    views = [ServedTenant.CachedView](repeating: .init(), count: tenantCount)
  }

  /// The generation a tenant is served with right now. One atomic load, unless it changed.
  func view(of tenant: ServedTenant) -> GenerationView? {
    tenant.refresh(&views[tenant.number])
    return views[tenant.number].view
  }

  /// Counts what each step of the last read took.
  func recordTimes() {
    for time in reading.times { latencies.record(time) }
  }

  /// What reads need of the settings in force right now. One atomic load, unless they changed.
  func settings(of inForce: InForce) -> InForce.Cached {
    inForce.refresh(&self.inForce)
    return self.inForce
  }
}
