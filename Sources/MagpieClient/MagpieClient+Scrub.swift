import Vocabulary

extension MagpieClient {
  /// How the last or current scrub goes.
  public func scrub(timeout: Duration? = nil) async throws(MagpieError) -> ScrubReport {
    try await scrub(.look, timeout)
  }

  /// Begins to read everything stored and to check it; where that is under way already, says how it goes. `job` tells one
  /// from the next.
  public func startScrub(timeout: Duration? = nil) async throws(MagpieError) -> ScrubReport {
    try await scrub(.start, timeout)
  }

  private func scrub(
    _ action: ScrubRequest.Action, _ timeout: Duration?
  ) async throws(MagpieError) -> ScrubReport {
    var request = ScrubRequest()
    request.action = action
    guard case .scrub(let reply) = try await call(.scrub(request), timeout: timeout) else {
      throw mismatch(.scrub)
    }
    return ScrubReport(reply)
  }
}

extension ScrubReport {
  init(_ reply: ScrubReply) {
    self.init()
    state = State(rawValue: reply.state.name) ?? .idle
    job = reply.job
    bytes = reply.bytes
    bytesTotal = reply.bytesTotal
    files = reply.files
    startedMicroseconds = reply.started.microseconds
    finishedMicroseconds = reply.finished.microseconds
    lastWholeMicroseconds = reply.lastWhole.microseconds
    message = reply.message
    damages = reply.damages.map { Damage(file: $0.file, message: $0.message) }
    damagesTotal = reply.damagesTotal
  }
}
