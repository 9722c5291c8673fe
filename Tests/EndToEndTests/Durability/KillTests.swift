import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Promise 1: what was acknowledged is on stable storage and applied exactly once, whatever happens.
  @Suite struct KillTests {
    static let kills = 60
    static let writers = 3
    static let eventsPerWriter = 120_000

    @Test("kill -9 at random moments under load loses no acknowledged event and applies none twice")
    func killTorture() async throws {
      let seed = testSeed()
      print("kill torture: MAGPIE_TEST_SEED=\(seed)")
      let summary = try await onThread { try torture(seed: seed) }
      #expect(summary.complaints.isEmpty, "seed \(seed)")
      #expect(summary.kills >= 50, "seed \(seed)")
      // A daemon that was never under load when it died would prove nothing.
      #expect(summary.killsInFlight >= 25, "seed \(seed)")
      print("kill torture: \(summary.kills) kills, \(summary.killsInFlight) with requests in flight,")
      print(
        "  \(summary.killsWhileStarting) while starting; \(summary.events) events acknowledged, 0 lost, 0 doubled"
      )
    }

    struct Summary: Sendable {
      var kills = 0
      var killsInFlight = 0
      var killsWhileStarting = 0
      var events = 0
      var complaints: [String] = []
    }
  }
}

private func torture(seed: UInt64) throws -> EndToEnd.KillTests.Summary {
  var summary = EndToEnd.KillTests.Summary()
  var generator = SeededGenerator(seed: seed)
  let daemon = try Daemon(in: Workplace())
  let writers = (0..<EndToEnd.KillTests.writers).map {
    JournalingWriter(number: $0, seed: seed, eventsMax: EndToEnd.KillTests.eventsPerWriter)
  }

  while summary.kills < EndToEnd.KillTests.kills, summary.complaints.isEmpty {
    try daemon.launch()
    if summary.kills > 0, Int.random(in: 0..<6, using: &generator) == 0 {
      // Recovery itself must survive being killed.
      usleep(UInt32.random(in: 0...30_000, using: &generator))
      daemon.kill()
      summary.kills += 1
      summary.killsWhileStarting += 1
      continue
    }
    try daemon.waitUntilReady()
    summary.complaints += try inspect(daemon, writers, using: &generator)

    let port = daemon.port
    let threads = writers.map { writer in Worker { writer.run(port: port) } }
    usleep(UInt32.random(in: 1_000...150_000, using: &generator))
    daemon.kill()
    for thread in threads { try thread.join() }
    summary.kills += 1
    if writers.contains(where: \.hasUnanswered) { summary.killsInFlight += 1 }
    summary.complaints += writers.flatMap(\.complaints)
  }

  // The last word: let every writer finish what it has in flight, then compare everything.
  try daemon.start()
  summary.complaints += try settle(daemon, writers)
  _ = try daemon.stop()
  // And once more from what the clean stop left behind.
  try daemon.start()
  summary.complaints += try settle(daemon, writers)
  summary.events = writers.reduce(0) { $0 + $1.events.count }
  return summary
}

/// After each restart: nothing acknowledged lies beyond what the daemon holds, and a sample is where it was.
private func inspect(
  _ daemon: Daemon, _ writers: [JournalingWriter], using generator: inout SeededGenerator
) throws -> [String] {
  var complaints: [String] = []
  let committed = try daemon.status().committed.value
  let connection = try daemon.connect()
  for writer in writers {
    if writer.highestPosition > committed {
      complaints.append("position \(writer.highestPosition) was acknowledged, the daemon holds \(committed)")
    }
    let acknowledged = writer.acknowledged
    let sample = acknowledged.suffix(20) + acknowledged.shuffled(using: &generator).prefix(20)
    complaints += try writer.confirm(Array(sample), on: connection)
  }
  return complaints
}

private func settle(_ daemon: Daemon, _ writers: [JournalingWriter]) throws -> [String] {
  var complaints: [String] = []
  let connection = try daemon.connect()
  for writer in writers {
    try writer.finish(on: connection)
    complaints += writer.complaints
    complaints += try writer.confirm(Array(writer.events.indices), on: connection)
    complaints += try writer.compareHistories(on: connection)
  }
  // Nothing but these events was ever sent, so their positions are 1 to n, each once: none was logged twice.
  let positions = writers.flatMap(\.positions).compactMap { $0 }.sorted()
  if positions != Array(1...UInt64(max(1, positions.count))) {
    complaints.append("\(positions.count) events lie at positions that are not 1 to \(positions.count)")
  }
  let status = try daemon.status()
  if status.committed.value != UInt64(positions.count) {
    complaints.append("\(positions.count) events were sent, the daemon counts \(status.committed.value)")
  }
  if let tenant = status.tenants.first, tenant.events != UInt64(positions.count) {
    complaints.append("\(positions.count) events were applied, the daemon counts \(tenant.events)")
  }
  return complaints
}
