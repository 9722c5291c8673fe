/// What travels before every message: for whom, and which trace it belongs to.
package struct Meta: Sendable, Hashable {
  /// As sent; empty means the default tenant.
  package var tenant: [UInt8] = []
  /// W3C traceparent, passed through to logs.
  package var traceParent: [UInt8] = []

  package init(tenant: [UInt8] = [], traceParent: [UInt8] = []) {
    self.tenant = tenant
    self.traceParent = traceParent
  }
}
