import Vocabulary
import Wire

extension MagpieClient {
  /// Sends a request until it is answered, or must not or need not be sent again.
  /// - Parameters:
  ///   - timeout: for everything, retries included; nil means the configuration's deadline.
  ///   - submitted: called once, when the place of the first attempt in the order of its connection is settled.
  func call(
    _ request: Request, timeout: Duration?, submitted: (@Sendable () -> Void)? = nil
  ) async throws(MagpieError) -> Reply {
    let method = request.method
    let isSafe = request.isSafeToRepeat
    let body: [UInt8]
    do throws(Fault) {
      body = try encode(request)
    } catch {
      submitted?()
      throw MagpieError(error)
    }
    let deadline =
      ContinuousNanoseconds.now &+ min((timeout ?? configuration.deadline).nanosecondsClamped, .max / 4)
    var attempt = 1
    var submitted = submitted
    var earlier: Fault?
    while true {
      let result = await self.attempt(method, body: body, deadline: deadline, submitted: submitted)
      submitted = nil
      switch result {
      case .success(let reply):
        budget.withLock { $0.succeeded() }
        return reply
      case .failure(let failure):
        guard let wait = wait(after: failure, isSafe: isSafe, attempt: attempt, deadline: deadline) else {
          throw MagpieError(failure.fault, earlier: earlier)
        }
        earlier = failure.fault
        guard (try? await Task.sleep(for: wait)) != nil else {
          throw MagpieError(Fault(.cancelled, "The caller gave up."), earlier: earlier)
        }
        attempt += 1
      }
    }
  }

  private func encode(_ request: Request) throws(Fault) -> [UInt8] {
    let body = RequestCodec.encode(request)
    let room = Limits.frameBytesMax - (Limits.headerBytes - 4) - meta.count
    if body.count > room {
      throw Fault(
        .frameTooLarge,
        "The request has \(body.count) bytes; at most \(room) fit a frame. Send fewer things at once.")
    }
    return body
  }

  private func attempt(
    _ method: Method, body: [UInt8], deadline: UInt64, submitted: (@Sendable () -> Void)?
  ) async -> Result<Reply, CallFailure> {
    // The call is made inside the continuation, but cancellation may come before: the box bridges both orders.
    let box = CancellationBox()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let call = PendingCall(
          method: method, meta: meta, body: body, deadline: deadline, submitted: submitted,
          complete: { continuation.resume(returning: $0) })
        if box.hold(call) { pool.submit(call) } else { call.cancel() }
      }
    } onCancel: {
      box.cancel()
    }
  }

  /// Nil if the failure is final.
  private func wait(
    after failure: CallFailure, isSafe: Bool, attempt: Int, deadline: UInt64
  ) -> Duration? {
    let policy = configuration.retry
    guard policy.mayRetry(failure, isSafe: isSafe) else { return nil }
    let hasBudget = budget.withLock { $0.failed() }
    guard hasBudget, attempt < policy.attemptsMax else { return nil }
    let wait = policy.backoff(after: attempt, fault: failure.fault, random: .random(in: 0...1))
    // The failure says more than a deadline that would pass while waiting.
    guard ContinuousNanoseconds.now &+ wait.nanosecondsClamped < deadline else { return nil }
    return wait
  }
}

extension Request {
  /// As the method says, but for two actions of methods that are otherwise safe: two rollbacks go back twice, and of
  /// two snapshots the second would be refused or needless.
  package var isSafeToRepeat: Bool {
    if case .generations(let request) = self, request.action == .rollback { return false }
    if case .snapshot(let request) = self, request.action == .create { return false }
    return method.isSafeToRetry
  }
}

extension MagpieError {
  /// A final failure; what made the attempts before it fail is told where it adds something.
  init(_ fault: Fault, earlier: Fault?) {
    self.init(fault)
    if let earlier, earlier.message != fault.message, fault.reason == .deadlineExceeded {
      message += " An attempt before it failed: \(earlier.message)"
    }
  }
}
