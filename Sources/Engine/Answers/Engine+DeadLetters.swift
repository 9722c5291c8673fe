import Ingestion
import Vocabulary

extension Engine {
  /// Lists, drops, or tries again. On the background thread only: reads and writes a file.
  func deadLetters(
    _ request: DeadLettersRequest, of tenant: ServedTenant, _ complete: @escaping @Sendable (Outcome) -> Void
  ) {
    let desk = ingestor.deadLetters
    switch request.action {
    case .list:
      let wanted = request.limit == 0 ? Limits.pageRowsMax : min(Int(request.limit), Limits.pageRowsMax)
      let (letters, total) = desk.list(of: tenant.name, after: request.after, limit: wanted)
      var reply = DeadLettersReply()
      reply.letters = letters
      reply.total = UInt64(total)
      complete(.success(.deadLetters(reply)))
    case .drop:
      var reply = DeadLettersReply()
      reply.dropped = UInt64(desk.remove(numbers(request, of: tenant), of: tenant.name))
      reply.total = UInt64(desk.list(of: tenant.name, after: 0, limit: 0).total)
      complete(.success(.deadLetters(reply)))
    case .requeue: requeue(desk.letters(numbers(request, of: tenant), of: tenant.name), of: tenant, complete)
    }
  }

  /// The letters meant, a page of them at most: with `all`, the oldest.
  private func numbers(_ request: DeadLettersRequest, of tenant: ServedTenant) -> Set<UInt64> {
    guard request.isAll else { return Set(request.numbers.prefix(Limits.pageRowsMax)) }
    let letters = ingestor.deadLetters.list(of: tenant.name, after: 0, limit: Limits.pageRowsMax).letters
    return Set(letters.map(\.number))
  }

  /// Ingests the letters' events as if they were sent again. Each carries its identifier, so one that was accepted
  /// meanwhile is a duplicate and does no harm.
  private func requeue(
    _ letters: [DeadLetter], of tenant: ServedTenant, _ complete: @escaping @Sendable (Outcome) -> Void
  ) {
    var request = IngestEventsRequest()
    request.events = letters.map(\.event)
    ingestor.ingest(request, tenant: tenant.name, keepsRefused: false) { [self] outcome in
      // On the committer's thread, which must not wait for this file.
      let isTaken = inBackground { [self] in
        complete(outcome.flatMap { settle(letters, $0, of: tenant) })
      }
      if !isTaken {
        complete(
          .failure(
            Fault(
              .draining,
              "The daemon is stopping. The events were tried, but are still listed; trying again is harmless."
            )))
      }
    }
  }

  private func settle(_ letters: [DeadLetter], _ reply: Reply, of tenant: ServedTenant) -> Outcome {
    guard case .ingestEvents(let verdicts) = reply, verdicts.verdicts.count == letters.count else {
      return .failure(Fault(.internalError, "The events were tried, but their verdicts are missing."))
    }
    var accepted: Set<UInt64> = []
    var refused: [UInt64: Fault] = [:]
    for (letter, verdict) in zip(letters, verdicts.verdicts) {
      switch verdict {
      case .accepted, .duplicate: accepted.insert(letter.number)
      case .rejected(let fault): refused[letter.number] = fault
      }
    }
    let desk = ingestor.deadLetters
    desk.remove(accepted, of: tenant.name)
    desk.update(refused, of: tenant.name)
    var result = DeadLettersReply()
    result.requeued = UInt64(accepted.count)
    result.refused = UInt64(refused.count)
    result.total = UInt64(desk.list(of: tenant.name, after: 0, limit: 0).total)
    return .success(.deadLetters(result))
  }
}
