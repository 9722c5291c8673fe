import Vocabulary

extension MagpieClient {
  /// Which dead letters are meant.
  public enum DeadLetterSelection: Sendable, Hashable {
    /// These, at most 1,000.
    case numbers([UInt64])
    /// The oldest 1,000 of the tenant; ask again until none are left.
    case oldest
  }

  /// Events of the tenant that were refused and are kept, by rising number, after `after`; and how many there are in
  /// all.
  /// - Parameter limit: at most 1,000.
  public func deadLetters(
    after: UInt64 = 0, limit: Int = 100, timeout: Duration? = nil
  ) async throws(MagpieError) -> DeadLetterPage {
    var request = DeadLettersRequest()
    request.after = after
    request.limit = UInt32(clamping: max(1, limit))
    let reply = try await deadLetters(request, timeout)
    return DeadLetterPage(letters: reply.letters.map { DeadLetter($0) }, total: Int(clamping: reply.total))
  }

  /// Sends refused events once more, under their own identifiers. Those accepted now are letters no longer; the others
  /// stay, with the new reason.
  public func requeueDeadLetters(
    _ selection: DeadLetterSelection, timeout: Duration? = nil
  ) async throws(MagpieError) -> DeadLetterOutcome {
    DeadLetterOutcome(try await deadLetters(request(.requeue, selection), timeout))
  }

  /// Forgets refused events.
  public func dropDeadLetters(
    _ selection: DeadLetterSelection, timeout: Duration? = nil
  ) async throws(MagpieError) -> DeadLetterOutcome {
    DeadLetterOutcome(try await deadLetters(request(.drop, selection), timeout))
  }

  private func request(
    _ action: DeadLettersRequest.Action, _ selection: DeadLetterSelection
  ) -> DeadLettersRequest {
    var request = DeadLettersRequest()
    request.action = action
    switch selection {
    case .numbers(let numbers): request.numbers = numbers
    case .oldest: request.isAll = true
    }
    return request
  }

  private func deadLetters(
    _ request: DeadLettersRequest, _ timeout: Duration?
  ) async throws(MagpieError) -> DeadLettersReply {
    guard case .deadLetters(let reply) = try await call(.deadLetters(request), timeout: timeout) else {
      throw mismatch(.deadLetters)
    }
    return reply
  }
}
