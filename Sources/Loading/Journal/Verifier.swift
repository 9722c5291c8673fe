import MagpieClient

/// Sends every event of a journal again. The daemon counts an identifier once, so an event that is there is answered
/// `duplicate` with its position, and nothing changes; one that is not there is taken, and thereby found out.
package struct Verifier: Sendable {
  private let maker: RequestMaker
  private let client: MagpieClient
  private let hasOtherWriters: Bool
  /// Seconds to wait for a daemon that is starting.
  private let patience: Int
  /// Events in one batch, and batches under way.
  private static let batch = 1000
  private static let window = 4

  /// - Parameter hasOtherWriters: whether anybody else wrote to the daemon since the run began.
  package init(_ plan: LoadPlan, client: MagpieClient, hasOtherWriters: Bool, patienceSeconds: Int = 30) {
    maker = RequestMaker(plan)
    self.client = client
    self.hasOtherWriters = hasOtherWriters
    patience = patienceSeconds
  }

  /// Reads the journal twice: once for the span of positions, once to ask. Memory: one bit for each position of the
  /// span, and a few batches.
  /// - Throws: `LoadFault` if the journal cannot be read or the daemon does not answer in time.
  package func verify(
    journal path: String, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) async throws(LoadFault) -> Verification {
    var taken = try Self.span(path).flatMap { PositionSet($0) }
    var result = Verification()
    result.hasOtherWriters = hasOtherWriters
    let reader = try JournalReader(path)
    do {
      try await withThrowingTaskGroup(of: (records: [JournalReader.Record], verdicts: [Verdict]).self) {
        group in
        var running = 0
        var isDone = false
        while true {
          while !isDone, running < Self.window {
            let records = try reader.next(Self.batch)
            if records.isEmpty {
              isDone = true
            } else {
              running += 1
              group.addTask { (records, try await ask(records)) }
            }
          }
          guard let answer = try await group.next() else { break }
          running -= 1
          for (record, verdict) in zip(answer.records, answer.verdicts) {
            judge(record, verdict, &result, &taken)
          }
          progress(result.acknowledged + result.unknown)
        }
      }
    } catch let fault as LoadFault {
      throw fault
    } catch {
      throw LoadFault(.daemon, "The verification ended early: \(error).")
    }
    result.gaps = result.acknowledged == 0 ? 0 : taken?.gaps
    return result
  }

  private func judge(
    _ record: JournalReader.Record, _ verdict: Verdict, _ result: inout Verification,
    _ taken: inout PositionSet?
  ) {
    let isKnown = record.position > 0
    if isKnown {
      result.acknowledged += 1
      if taken?.insert(record.position) == false {
        result.repeated += 1
        result.example(
          "event \(record.event): position \(record.position) was acknowledged for another event too")
      }
    } else {
      result.unknown += 1
    }
    switch verdict {
    case .duplicate(let position) where !isKnown:
      result.unknownPresent += 1
      if taken?.insert(position) == false {
        result.repeated += 1
        result.example("event \(record.event): position \(position) belongs to another event too")
      }
    case .duplicate(let position):
      if position == record.position {
        result.present += 1
      } else {
        result.moved += 1
        result.example(
          "event \(record.event): acknowledged at position \(record.position), now at \(position)")
      }
    case .accepted where !isKnown: break
    case .accepted(let position):
      result.lost += 1
      result.example(
        "event \(record.event): acknowledged at position \(record.position), but gone; taken anew at \(position)"
      )
    case .rejected where !isKnown: break
    case .rejected(let error):
      result.refused += 1
      result.example(
        "event \(record.event): acknowledged at \(record.position), now refused: \(error.reason)")
    }
  }

  /// One batch, until it is answered.
  private func ask(_ records: [JournalReader.Record]) async throws -> [Verdict] {
    let events = records.map { event(maker.event($0.event)) }
    let deadline = ContinuousClock.now + .seconds(patience)
    while true {
      do throws(MagpieError) {
        let verdicts = try await client.ingest(events).verdicts
        guard verdicts.count == events.count else {
          throw MagpieError(
            code: .internal, reason: "verdicts_missing",
            message: "\(events.count) events got \(verdicts.count) verdicts.")
        }
        return verdicts
      } catch {
        let mayPass = [.unavailable, .resourceExhausted, .deadlineExceeded].contains(error.code)
        guard mayPass, ContinuousClock.now < deadline else {
          throw LoadFault(.daemon, "The verification could not ask for its events: \(error.message)")
        }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  private func event(_ made: LoadEvent) -> Event {
    let type: EventType =
      switch made.kind {
      case .view: .view
      case .addToCart: .addToCart
      case .purchase: .purchase
      }
    return Event(
      type, user: String(decoding: made.user, as: UTF8.self),
      item: String(decoding: made.item, as: UTF8.self),
      timeMicroseconds: made.timeMicroseconds, id: String(decoding: made.id, as: UTF8.self))
  }

  /// First and last position of a journal; nil if nothing was acknowledged.
  private static func span(_ path: String) throws(LoadFault) -> ClosedRange<UInt64>? {
    let reader = try JournalReader(path)
    var first = UInt64.max
    var last: UInt64 = 0
    while true {
      let records = try reader.next(8192)
      if records.isEmpty { break }
      for record in records where record.position > 0 {
        first = min(first, record.position)
        last = max(last, record.position)
      }
    }
    return first <= last ? first...last : nil
  }
}
