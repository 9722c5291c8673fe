import Loading
import MagpieClient

/// A client that never forgets: marks what it is about to send, sends, and notes where it was acknowledged.
///
/// What is not acknowledged stays marked and is sent again by the inspection after the next start, under the same
/// identifiers, as the protocol tells clients to.
package actor Writer {
  package let script: Script
  private let journal: Journal
  private var numbers: SplitMix
  private var complaints: [String] = []

  package init(_ script: Script, journal: Journal) {
    self.script = script
    self.journal = journal
    numbers = SplitMix(seed: script.seed, stream: UInt64.max - UInt64(script.writer))
  }

  /// Everything this writer knows.
  package var record: Record { Record(script: script, slots: journal.slots) }

  /// Verdicts that no correct daemon gives; forgotten when told.
  package func takeComplaints() -> [String] {
    defer { complaints = [] }
    return complaints
  }

  /// Sends until the task is cancelled or the daemon is gone. Several may run at once.
  /// - Parameter pause: longest wait between two batches.
  package func send(to client: MagpieClient, pause: Duration) async {
    while !Task.isCancelled {
      do {
        let range = try compose()
        let receipt = try await client.ingest(range.map { script.event($0) }, timeout: .seconds(10))
        try record(receipt, range)
        try await Task.sleep(for: pause * numbers.nextUnit())
      } catch let error as MagpieError {
        // Fenced, nearly full, draining: nothing is acknowledged, and the daemon may recover.
        guard [.unavailable, .resourceExhausted, .failedPrecondition].contains(error.code) else {
          if error.code != .cancelled, error.code != .deadlineExceeded { complain("ingest: \(error)") }
          return
        }
        if error.reason == "connection_lost" { return }
        try? await Task.sleep(for: .milliseconds(20))
      } catch is CancellationError {
        return
      } catch {
        return complain("\(error)")
      }
    }
  }

  private func compose() throws -> Range<Int> {
    let start = journal.slots.count
    let range = start..<(start + Int.random(in: 1...24, using: &numbers))
    try journal.pend(range)
    return range
  }

  package func record(_ receipt: Receipt, _ range: Range<Int>) throws {
    guard receipt.verdicts.count == range.count else {
      return complain("\(range.count) events got \(receipt.verdicts.count) verdicts")
    }
    for (index, verdict) in zip(range, receipt.verdicts) {
      switch verdict {
      case .accepted(let position), .duplicate(let position): try journal.note(position, of: index)
      case .rejected(let error): complain("w\(script.writer)-\(index) was refused: \(error)")
      }
    }
  }

  /// Notes what the inspection learnt of things that were unanswered.
  package func settle(_ positions: [Int: UInt64]) throws {
    for (index, position) in positions { try journal.note(position, of: index) }
  }

  private func complain(_ text: String) {
    if complaints.count < 10 { complaints.append("writer \(script.writer): \(text)") }
  }

  /// A journal with what it is about.
  package struct Record: Sendable {
    package var script: Script
    package var slots: [UInt64]

    package init(script: Script, slots: [UInt64]) {
      self.script = script
      self.slots = slots
    }
  }
}
