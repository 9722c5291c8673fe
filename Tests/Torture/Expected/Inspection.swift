import MagpieClient

/// What comparing a daemon with the journals has shown.
package struct Finding: Sendable, Hashable {
  /// Acknowledged events that are gone.
  package var lost: UInt64 = 0
  /// Events that are there, or counted, more than once.
  package var duplicated: UInt64 = 0
  /// The first few, in words.
  package var examples: [String] = []

  package init() {}

  /// Whether everything acknowledged is there exactly once.
  package var holds: Bool { lost == 0 && duplicated == 0 }

  package mutating func add(_ other: Finding) {
    lost += other.lost
    duplicated += other.duplicated
    for example in other.examples { note(example) }
  }

  mutating func note(_ text: String) {
    if examples.count < 20 { examples.append(text) }
  }
}

/// Compares a daemon that has just recovered with what the writers know.
///
/// 1. Every acknowledged event that is asked for, sent again, is answered `duplicate` at the position it was
///    acknowledged at. One that is taken as new was lost.
/// 2. Every unanswered event is sent again and is then somewhere, once.
/// 3. No two events have one position.
/// 4. The daemon counts exactly as many events as are known to be in it.
/// 5. Each user's history holds each event once.
///
/// 4 and 5 find what was applied twice, which 1 cannot: the index of identifiers and the live state are different
/// things.
package struct Inspection: Sendable {
  private let client: MagpieClient
  private static let batch = 1_000
  private static let usersAtOnce = 8

  package init(_ client: MagpieClient) { self.client = client }

  /// Events to ask for, by writer; nil asks for all.
  package typealias Asked = @Sendable (Writer.Record) -> [Int]

  /// - Parameters:
  ///   - others: events in the daemon that no journal knows.
  ///   - asked: which acknowledged events are asked for. Unanswered ones are always sent again.
  /// - Returns: the finding, and where the unanswered events are, by writer.
  package func run(
    _ records: [Writer.Record], others: UInt64 = 0, asked: Asked? = nil
  ) async throws -> (finding: Finding, settled: [[Int: UInt64]]) {
    var finding = Finding()
    var settled: [[Int: UInt64]] = []
    var resolved: [UInt64] = []
    let committed = try await Patience.ask { try await client.status().committed }
    for record in records {
      var indices = Set(asked?(record) ?? Array(record.slots.indices))
      var positions: [Int: UInt64] = [:]
      for (index, slot) in record.slots.enumerated() where slot != 0 {
        if slot == Journal.pending || slot > committed { indices.insert(index) }
        if slot != Journal.pending { resolved.append(slot) }
      }
      let sorted = indices.filter { record.slots[$0] != 0 }.sorted()
      for start in stride(from: 0, to: sorted.count, by: Self.batch) {
        let some = sorted[start..<min(start + Self.batch, sorted.count)]
        let events = some.map { record.script.event($0) }
        let receipt = try await Patience.ask { try await client.ingest(events, timeout: .seconds(30)) }
        guard receipt.verdicts.count == some.count else {
          throw TortureFault("\(some.count) events got \(receipt.verdicts.count) verdicts.")
        }
        for (index, verdict) in zip(some, receipt.verdicts) {
          judge(record.script.event(index).id, record.slots[index], verdict, &finding) {
            positions[index] = $0
          }
        }
      }
      resolved.append(contentsOf: positions.values)
      settled.append(positions)
    }
    comparePositions(resolved, &finding)
    let histories = try await compareHistories(records, settled, asked)
    let counted = try await compareCount(UInt64(resolved.count) + others)
    // The same event shows in both; it is one.
    finding.lost += max(histories.lost, counted.lost)
    finding.duplicated += max(histories.duplicated, counted.duplicated)
    for example in histories.examples + counted.examples { finding.note(example) }
    return (finding, settled)
  }

  private func judge(
    _ id: String, _ slot: UInt64, _ verdict: Verdict, _ finding: inout Finding, settle: (UInt64) -> Void
  ) {
    switch verdict {
    case .accepted(let position) where slot == Journal.pending: settle(position)
    case .duplicate(let position) where slot == Journal.pending: settle(position)
    case .duplicate(slot): break
    case .duplicate(let position):
      finding.duplicated += 1
      finding.note("\(id): acknowledged at \(slot), and now at \(position)")
    case .accepted(let position):
      finding.lost += 1
      finding.note("\(id): acknowledged at \(slot), but gone; taken anew at \(position)")
    case .rejected(let error):
      finding.lost += slot == Journal.pending ? 0 : 1
      finding.note(
        "\(id): \(slot == Journal.pending ? "sent" : "acknowledged at \(slot)"), now refused: \(error)")
    }
  }

  private func comparePositions(_ positions: [UInt64], _ finding: inout Finding) {
    let sorted = positions.sorted()
    for (left, right) in zip(sorted, sorted.dropFirst()) where left == right {
      finding.lost += 1
      finding.note("position \(left) was given to two events")
    }
  }

  private func compareCount(_ expected: UInt64) async throws -> Finding {
    var finding = Finding()
    let events = try await Patience.ask { try await client.status() }.tenants.first?.events ?? 0
    if events > expected {
      finding.duplicated = events - expected
    } else {
      finding.lost = expected - events
    }
    if events != expected {
      finding.note("\(expected) events are known to be there, the daemon counts \(events)")
    }
    return finding
  }

  private func compareHistories(
    _ records: [Writer.Record], _ settled: [[Int: UInt64]], _ asked: Asked?
  ) async throws -> Finding {
    var users: [(record: Writer.Record, first: Int)] = []
    for (record, settled) in zip(records, settled) {
      var indices = asked?(record) ?? Array(record.slots.indices)
      indices += settled.keys
      let firsts = Set(indices.map { $0 / Script.eventsPerUser * Script.eventsPerUser })
      users += firsts.sorted().map { (record, $0) }
    }
    var finding = Finding()
    var rest = users[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.usersAtOnce)
      rest = rest.dropFirst(Self.usersAtOnce)
      try await withThrowingTaskGroup(of: Finding.self) { group in
        for (record, first) in some { group.addTask { try await compareHistory(record, first) } }
        for try await one in group { finding.add(one) }
      }
    }
    return finding
  }

  private func compareHistory(_ record: Writer.Record, _ first: Int) async throws -> Finding {
    let indices = first..<min(first + Script.eventsPerUser, record.slots.count)
    let sent = indices.filter { record.slots[$0] != 0 }
    let report = try await Patience.ask { try await client.user(record.script.user(of: first)) }
    var held: [Int: Int] = [:]
    for row in report.history { held[Int(row.value) - 1, default: 0] += 1 }
    var finding = Finding()
    for index in sent {
      let count = held.removeValue(forKey: index) ?? 0
      if count == 0 {
        finding.lost += 1
        finding.note("\(record.script.event(index).id) is not in its user's history")
      } else if count > 1 {
        finding.duplicated += UInt64(count - 1)
        finding.note("\(record.script.event(index).id) is \(count) times in its user's history")
      }
    }
    for (index, count) in held {
      finding.duplicated += UInt64(count)
      finding.note("\(record.script.user(of: first)) has an event of value \(index + 1) that was never sent")
    }
    return finding
  }
}
