import Loading
import MagpieClient

/// A writer of catalogue entries, each of which replaces the one before: the price counts the versions.
///
/// The journal has two slots for each item: the version last sent, and the version last acknowledged. What the daemon
/// holds must lie between: older means that an acknowledged entry is lost, newer that somebody made one up.
package actor Catalogue {
  private let journal: Journal
  private var numbers: SplitMix
  private var acknowledgedCount: UInt64 = 0
  private static let items = 60

  package init(seed: UInt64, journal: Journal) {
    self.journal = journal
    numbers = SplitMix(seed: seed, stream: 0x17e5)
  }

  /// Entries acknowledged so far.
  package var acknowledged: UInt64 { acknowledgedCount }

  private static func name(_ number: Int) -> String { "item-\(number)" }

  /// Puts one entry after another until the task is cancelled or the daemon is gone. Once at a time.
  package func send(to client: MagpieClient, pause: Duration) async {
    while !Task.isCancelled {
      let number = Int.random(in: 0..<Self.items, using: &numbers)
      do {
        try journal.pend((2 * number)..<(2 * number + 2))
        let last = journal.slots[2 * number]
        let version = last == Journal.pending ? 1 : last + 1
        try journal.note(version, of: 2 * number)
        let receipt = try await client.putItems(
          [Item(id: Self.name(number), title: "Version \(version)", price: Double(version))],
          timeout: .seconds(10))
        if case .accepted? = receipt.verdicts.first {
          try journal.note(version, of: 2 * number + 1)
          acknowledgedCount += 1
        }
        try await Task.sleep(for: pause * numbers.nextUnit())
      } catch let error as MagpieError {
        guard [.unavailable, .resourceExhausted, .failedPrecondition].contains(error.code) else { return }
        if error.reason == "connection_lost" { return }
        try? await Task.sleep(for: .milliseconds(20))
      } catch {
        return
      }
    }
  }

  /// How many entries are older than what was acknowledged, with words for the first few.
  package func inspect(_ client: MagpieClient) async throws -> (lost: UInt64, examples: [String]) {
    let slots = journal.slots
    let known = stride(from: 0, to: slots.count, by: 2).filter { slots[$0] != 0 }.map { $0 / 2 }
    if known.isEmpty { return (0, []) }
    let reports = try await Patience.ask { try await client.items(known.map { Self.name($0) }) }
    var lost: UInt64 = 0
    var examples: [String] = []
    for (number, report) in zip(known, reports) {
      let held = UInt64(report.item?.price ?? 0)
      let acknowledged = slots[2 * number + 1] == Journal.pending ? 0 : slots[2 * number + 1]
      guard held < acknowledged || held > slots[2 * number] else { continue }
      lost += 1
      examples.append(
        "\(Self.name(number)): version \(acknowledged) acknowledged, \(slots[2 * number]) sent, \(held) held")
    }
    return (lost, examples)
  }
}
