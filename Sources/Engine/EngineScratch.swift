import Serving
import Vocabulary

/// What one event loop needs to answer: working memory, cached views, its own latencies. Not sendable.
package final class EngineScratch {
  let reading = ReadScratch()
  let latencies: LatencyTable
  private var views: [ServedTenant.CachedView]
  private var inForce: InForce.Cached

  init(tenantCount: Int, latencies: LatencyTable, inForce: InForce.Cached) {
    self.latencies = latencies
    self.inForce = inForce
    views = [ServedTenant.CachedView](repeating: .init(), count: tenantCount)
  }

  /// The generation a tenant is served with right now. One atomic load, unless it changed.
  func view(of tenant: ServedTenant) -> GenerationView? {
    tenant.refresh(&views[tenant.number])
    return views[tenant.number].view
  }

  /// The settings in force right now. One atomic load, unless they changed.
  func values(of inForce: InForce) -> InForce.Values {
    inForce.refresh(&self.inForce)
    return self.inForce.values
  }
}
