import Vocabulary

/// What the daemon knows right now, in memory: for each tenant its catalogue, its users and what trends.
///
/// Derived from the log, like everything that is not the log. One thread writes; any thread reads.
package final class LiveState: Sendable {
  /// In the order given at start.
  package let tenants: [LiveTenant]
  private let byName: [TenantName: LiveTenant]

  /// - Parameter weights: what each type of event says about taste; decides which events count as positive
  ///   and what is summed in `UserItem.weight`.
  package init(tenants names: [TenantName], weights: EventWeights) {
    var tenants: [LiveTenant] = []
    var byName: [TenantName: LiveTenant] = [:]
    for name in names where byName[name] == nil {
      let tenant = LiveTenant(name: name, weights: weights)
      tenants.append(tenant)
      byName[name] = tenant
    }
    self.tenants = tenants
    self.byName = byName
  }

  /// Nil if no such tenant is configured. O(1), takes no lock.
  package func tenant(_ name: TenantName) -> LiveTenant? { byName[name] }
}
