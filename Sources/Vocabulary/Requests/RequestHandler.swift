/// What surrounds one request.
package struct Call: Sendable {
  package var tenant: TenantName
  /// Monotonic nanoseconds (`ContinuousNanoseconds`) after which nobody waits for the answer.
  package var deadline: UInt64
  /// Monotonic nanoseconds at which the request's last byte arrived.
  package var received: UInt64
  package var cancellation: Cancellation

  package init(tenant: TenantName, deadline: UInt64, received: UInt64, cancellation: Cancellation) {
    self.tenant = tenant
    self.deadline = deadline
    self.received = received
    self.cancellation = cancellation
  }
}

/// Answers requests. Transport is generic over it, so no call crosses an existential.
package protocol RequestHandler: Sendable {
  /// Working memory of one event loop, reused from request to request and never shared.
  associatedtype Scratch: AnyObject

  func makeScratch() -> Scratch

  /// Why a request of this class is not even looked at right now, or nil. Asked before its message is decoded.
  /// REQUIRES: any thread; does not wait.
  func refusal(of class: RequestClass) -> Fault?

  /// Answers what needs no other thread; nil says that `handle` must be asked. Apart from it so that a request that is
  /// answered at once costs no closure.
  /// REQUIRES: called on the thread that owns `scratch`; must not block.
  func answer(_ request: Request, for call: Call, using scratch: Scratch) -> Outcome?

  /// Answers at once by returning an outcome, or later by calling `complete` exactly once from any thread.
  /// REQUIRES: `answer` gave nil for it; called on the thread that owns `scratch`; must not block.
  func handle(
    _ request: Request, for call: Call, using scratch: Scratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome?
}

extension RequestHandler {
  /// Everything is looked at.
  package func refusal(of class: RequestClass) -> Fault? { nil }

  /// Leaves everything to `handle`.
  package func answer(_ request: Request, for call: Call, using scratch: Scratch) -> Outcome? { nil }
}
