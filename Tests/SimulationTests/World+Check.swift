import Ingestion
import LiveState
import Simulation
import Storage
import Vocabulary

extension World {
  /// Everything a tenant holds, to be compared as a whole.
  struct Contents: Equatable {
    var users: [UserState?]
    var items: [ItemRecord?]
    var counts: [UInt64]

    init(of tenant: LiveTenant) throws {
      users = try (0...3).map { tenant.user(try UserIdentifier("u\($0)")) }
      items = (0..<tenant.counts.items).map { tenant.item(ItemIndex(UInt32($0))) }
      counts = [UInt64(tenant.counts.users), UInt64(tenant.counts.items), tenant.counts.events]
    }
  }

  /// Reads the log of the directory and compares it with the truth, which learns what it did not know.
  /// - Parameter through: nil for all of it; then nothing may be lacking.
  func readLog(through: Position? = nil) throws {
    guard let directory else { return }
    var reader = try LogReader(
      path: directory.logPath, from: Position(1), through: through, base: directory.base(), on: disk)
    var next = directory.base().value + 1
    while let record = try reader.next() {
      for entry in record.entries {
        try require(
          record.firstPosition.value <= next, "the log jumps from \(next) to \(record.firstPosition)")
        truth.found(entry.change, at: next, record.ingestTime)
        if let wrong = truth.wrong { throw Violation(description: wrong) }
        next += 1
      }
    }
    if through == nil {
      try require(next == truth.last + 1, "the log ends at \(next - 1), but \(truth.last) was acknowledged")
    }
  }

  /// What a tenant must hold after the first positions: every change applied once, in order.
  func expected(through last: UInt64) throws -> Contents {
    // One model goes on with what is new; looking back takes a new one.
    if shadow == nil || shadowThrough > last {
      shadow = LiveState(tenants: [.default], weights: settings.reading.weights)
      shadowThrough = 0
    }
    guard let tenant = shadow?.tenant(.default) else { throw Violation(description: "no tenant") }
    while shadowThrough < last {
      let position = shadowThrough + 1
      guard let fact = truth.facts[position], let change = fact.change else {
        throw Violation(description: "position \(position) was never read")
      }
      tenant.apply(change, at: Position(position), ingestTime: fact.ingestTime)
      shadowThrough = position
    }
    tenant.publish(through: Position(last), now: 0)
    return try Contents(of: tenant)
  }

  /// All invariants, with everything read. REQUIRES: no plan, nothing queued.
  func check() throws {
    guard let running, let directory else { return }
    try glance()
    try readLog()
    let ingestor = running.ingestor
    try require(
      ingestor.applied.value == truth.last, "\(ingestor.applied) is applied where \(truth.last) is the last")
    try require(directory.acknowledged().value <= truth.last, "the superblock is ahead of the log")
    guard let tenant = ingestor.live.tenant(.default) else { throw Violation(description: "no tenant") }
    let (found, wanted) = (try Contents(of: tenant), try expected(through: truth.last))
    try require(found == wanted, "the live state is \(found), and should be \(wanted)")
    try checkDuplicates()
  }

  /// Events sent again are known where they were.
  private func checkDuplicates() throws {
    guard let running else { return }
    let events = truth.events.filter { _ in oneIn(3) }
    guard !events.isEmpty else { return }
    var request = IngestEventsRequest()
    request.events = events.map(\.draft)
    let answer = Answer()
    running.ingestor.ingest(request, tenant: .default) { answer.set($0) }
    running.commit()
    guard case .success(.ingestEvents(let reply)) = answer.value else {
      throw Violation(description: "events sent again were answered with \(String(describing: answer.value))")
    }
    for (event, verdict) in zip(events, reply.verdicts) {
      guard case .duplicate(Position(event.position)) = verdict else {
        throw Violation(
          description:
            "event \(String(decoding: event.draft.id, as: UTF8.self)) of \(event.position): \(verdict)")
      }
    }
  }
}
