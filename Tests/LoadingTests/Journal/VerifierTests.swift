import Glibc
import Loading
import MagpieClient
import Testing

struct VerifierTests {
  /// Ingests 300 events at most, lets the test tamper with what the daemon knows, and verifies.
  private func verify(
    otherWriters: Bool = false, during: @escaping @Sendable (LoadHandler) -> Void = { _ in },
    tamper: (LoadHandler) -> Bool = { _ in true }
  ) async throws -> Verification {
    try await LoadTarget.run { target in
      try await withTemporaryFile { path in
        var plan = try target.plan(mix: "ingest", rate: 100, seconds: 1)
        plan.batch = 3
        let handler = target.handler
        // Half way through, at a moment when the test may interfere.
        let interference = Task {
          try? await Task.sleep(for: .milliseconds(500))
          during(handler)
        }
        let measured = try await LoadRun.measure(plan, journal: path)
        await interference.value
        #expect(measured.total.ok == 100 && handler.eventCount == 300)
        #expect(tamper(handler))
        let client = MagpieClient(configuration: .init(host: "127.0.0.1", port: target.port))
        let result = try await Verifier(plan, client: client, hasOtherWriters: otherWriters).verify(
          journal: path)
        await client.shutdown()
        // Asked again byte for byte, or the daemon would refuse the identifiers as reused.
        #expect(handler.changedCount == 0)
        #expect(result.acknowledged == 300)
        return result
      }
    }
  }

  @Test func anHonestDaemonPasses() async throws {
    let result = try await verify()
    #expect(result.holds)
    #expect(result.present == 300 && result.gaps == 0 && result.examples.isEmpty)
  }

  @Test func aLostEventIsFound() async throws {
    let result = try await verify(tamper: { $0.lose(position: 17) })
    #expect(!result.holds)
    #expect(result.lost == 1 && result.present == 299)
    #expect(result.examples.count == 1 && result.examples[0].contains("position 17"))
  }

  @Test func anEventThatMovedIsFound() async throws {
    let result = try await verify(tamper: { $0.move(position: 40, to: 9_000) })
    #expect(!result.holds)
    #expect(result.moved == 1 && result.present == 299)
  }

  @Test func anEventStoredTwiceTakesAPositionThatIsMissed() async throws {
    let result = try await verify(during: { $0.skipPosition() })
    #expect(!result.holds)
    #expect(result.gaps == 1 && result.present == 300)
    // With others writing, a position that is not ours is theirs.
    let shared = try await verify(otherWriters: true, during: { $0.skipPosition() })
    #expect(shared.holds && shared.gaps == 1)
  }

  @Test func twoEventsAtOnePositionAreFound() async throws {
    let result = try await verify(during: { $0.repeatPosition() })
    #expect(!result.holds)
    #expect(result.repeated == 1)
  }

  /// Ingests that were never answered may have happened or not, but not twice.
  @Test func unansweredEventsAreLookedForToo() async throws {
    try await LoadTarget.run(.silence(every: 10)) { target in
      try await withTemporaryFile { path in
        var plan = try target.plan(mix: "ingest", rate: 100, seconds: 0.5)
        plan.timeoutMilliseconds = 200
        let measured = try await LoadRun.measure(plan, journal: path)
        #expect(measured.total.timedOut == 5)
        // The handler had stored them all the same, so nothing is missing between the acknowledged ones.
        var configuration = MagpieClient.Configuration(host: "127.0.0.1", port: target.port)
        configuration.deadline = .seconds(1)
        let client = MagpieClient(configuration: configuration)
        let result = try await Verifier(plan, client: client, hasOtherWriters: false).verify(journal: path)
        await client.shutdown()
        #expect(result.holds)
        #expect(result.acknowledged == 45 && result.unknown == 5 && result.unknownPresent == 5)
      }
    }
  }

  @Test func aJournalIsReadAsItWasWrittenAndACutOneIsRefused() async throws {
    try await withTemporaryFile { path in
      let writer = JournalWriter(try JournalFile.create(path))
      // More than one buffer.
      for event in 0..<10_000 { writer.append(event: UInt64(event), position: UInt64(event) * 2 + 1) }
      #expect(writer.finish() == nil)
      let reader = try JournalReader(path)
      var records: [JournalReader.Record] = []
      while true {
        let next = try reader.next(999)
        if next.isEmpty { break }
        records += next
      }
      let events: Range<UInt64> = 0..<10_000
      #expect(records == events.map { JournalReader.Record(event: $0, position: $0 * 2 + 1) })
      #expect(truncate(path, 8 + 16 * 3 + 5) == 0)
      let cut = try JournalReader(path)
      #expect(throws: LoadFault.self) { _ = try cut.next(10) }
    }
    #expect(throws: LoadFault.self) { _ = try JournalFile.create("/nowhere/journal") }
  }

  @Test func positionsAreCountedOnceEach() {
    guard var set = PositionSet(100...230) else {
      Issue.record("no set")
      return
    }
    #expect(set.gaps == 131)
    let news = [100, 230, 164, 164, 99, 99].map { set.insert($0) }
    // Outside the range nothing is known.
    #expect(news == [true, true, true, false, true, true])
    #expect(set.count == 3 && set.gaps == 128)
    #expect(PositionSet(0...UInt64.max) == nil)
  }
}
