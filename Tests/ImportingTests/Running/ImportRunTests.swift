import Fakes
import Importing
import Locking
import MagpieClient
import Testing

import struct Vocabulary.Fault

/// Whole imports into a daemon that remembers what it was sent.
@Suite struct ImportRunTests {
  /// Remembers what an import told.
  final class Ears: ImportListener {
    let heard = Locked((notes: [String](), bad: [BadLine](), progress: [ImportProgress]()))
    func started(_ notes: [String]) { heard.withLock { $0.notes = notes } }
    func progressed(_ progress: ImportProgress) { heard.withLock { $0.progress.append(progress) } }
    func complained(_ bad: BadLine) { heard.withLock { $0.bad.append(bad) } }
    var bad: [BadLine] { heard.withLock { $0.bad } }
    var notes: [String] { heard.withLock { $0.notes } }
  }

  private func events(_ count: Int, users: Int = 7) -> String {
    "user,item,timestamp,qty\n"
      + (0..<count).map { "u\($0 % users),i\($0 % 3),\(1_302_439_980 + $0 / 10),\($0 % 2 + 1)\n" }.joined()
  }

  private func plan(_ path: String, _ kind: ImportKind = .events) -> ImportPlan {
    var plan = ImportPlan(path: path, kind: kind, format: ImportPlan.format(ofFile: path) ?? .jsonl)
    plan.batchRows = 10
    plan.statePath = path + ".state"
    return plan
  }

  private func client(_ daemon: FakeDaemon) -> MagpieClient {
    var configuration = MagpieClient.Configuration(host: "127.0.0.1", port: daemon.port)
    configuration.poolSize = 1
    configuration.retry.firstBackoff = .milliseconds(1)
    configuration.retry.attemptsMax = 3
    return MagpieClient(configuration: configuration)
  }

  private func run(
    _ plan: ImportPlan, _ daemon: FakeDaemon, _ ears: Ears = Ears()
  ) async -> Result<ImportProgress, ImportFault> {
    let client = client(daemon)
    let result: Result<ImportProgress, ImportFault>
    do throws(ImportFault) {
      result = .success(try await ImportRun(plan, client: client, listener: ears).run())
    } catch {
      result = .failure(error)
    }
    await client.shutdown()
    return result
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func importsEventsInOrderAndAgainWithoutCountingTwice() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let plan = plan(try directory.file("e.csv", events(105)))
    let progress = try await run(plan, daemon).get()
    #expect(progress.accepted == 105)
    #expect(progress.duplicates == 0)
    #expect(progress.bytes == progress.bytesTotal)
    let sent = store.contents.events
    #expect(sent.map { text($0.user) } == (0..<105).map { "u\($0 % 7)" })
    #expect(sent.last?.timeMicroseconds == 1_302_439_990_000_000)
    #expect(sent.map(\.value) == (0..<105).map { Double($0 % 2 + 1) })
    #expect(!directory.exists("e.csv.state"))

    let again = try await run(plan, daemon).get()
    #expect(again.accepted == 0)
    #expect(again.duplicates == 105)
    #expect(store.contents.events.count == 105)
    await daemon.stop()
  }

  @Test func goesOnWhereItWasCutOff() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    // The daemon is gone for good after twelve batches.
    let daemon = try await FakeDaemon.start { arrival, peer in
      if store.contents.batches >= 12 {
        peer.reset()
      } else {
        peer.reply(arrival.stream, store.answer(arrival.request))
      }
    }
    let path = try directory.file("e.csv", events(300))
    guard case .failure(let fault) = await run(plan(path), daemon) else {
      Issue.record("the import survived the loss of its daemon")
      return
    }
    guard case .daemon(let error) = fault.kind else {
      Issue.record("\(fault)")
      return
    }
    #expect(error.code == .unavailable)
    #expect(directory.exists("e.csv.state"))
    await daemon.stop()

    let before = store.contents.batches
    let healthy = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let ears = Ears()
    let progress = try await run(plan(path), healthy, ears).get()
    #expect(store.contents.events.count == 300)
    #expect(progress.skipped >= 80)
    #expect(progress.skipped + progress.accepted + progress.duplicates == 300)
    #expect(store.contents.batches - before < 30)
    #expect(ears.notes.contains { $0.hasPrefix("Going on after") })
    #expect(!directory.exists("e.csv.state"))
    await healthy.stop()
  }

  @Test func countsOnceAlsoWhenTheStateIsLostOrTheFileEdited() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { arrival, peer in
      peer.reply(
        arrival.stream,
        store.answer(arrival.request, refused: store.contents.events.count < 100 ? [] : ["i1"]))
    }
    let path = try directory.file("e.csv", events(300))
    guard case .failure(let fault) = await run(plan(path), daemon), case .badData = fault.kind else {
      Issue.record("a refused event was tolerated")
      return
    }
    #expect(directory.exists("e.csv.state"))
    await daemon.stop()
    let healthy = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    // An edit before the place reached: a line at the front.
    _ = try directory.file(
      "e.csv", events(300).replacing("qty\n", with: "qty\nnew,i0,1302439980,1\n", maxReplacements: 1))
    let ears = Ears()
    _ = try await run(plan(path), healthy, ears).get()
    #expect(ears.notes.contains { $0.contains("has changed") })
    #expect(store.contents.events.count == 301)
    #expect(Set(store.contents.events.map { text($0.id) }).count == 301)
    await healthy.stop()
  }

  @Test func anotherDaemonStartsFromTheBeginning() async throws {
    let directory = try TemporaryDirectory()
    let first = FakeStore(directory: 1)
    let daemon = try await FakeDaemon.start { arrival, peer in
      peer.reply(
        arrival.stream, first.answer(arrival.request, refused: first.contents.events.count < 50 ? [] : ["i1"])
      )
    }
    let path = try directory.file("e.csv", events(100))
    _ = await run(plan(path), daemon)
    #expect(directory.exists("e.csv.state"))
    await daemon.stop()
    let second = FakeStore(directory: 2)
    let other = try await FakeDaemon.start { $1.reply($0.stream, second.answer($0.request)) }
    #expect(try await run(plan(path), other).get().accepted == 100)
    await other.stop()
  }

  @Test func badLinesAreCountedNamedAndLimited() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start {
      $1.reply($0.stream, store.answer($0.request, refused: ["bad"]))
    }
    let text = "user,item,time\nu,i,1302439980\nu,i\nu,i,never\nu,bad,1302439980\nv,i,1302439980\n"
    var plan = plan(try directory.file("e.csv", text))
    plan.errorsMax = 3
    let ears = Ears()
    let progress = try await run(plan, daemon, ears).get()
    #expect(progress.accepted == 2)
    #expect(progress.errors == 3)
    let bad = ears.bad.sorted { $0.line < $1.line }
    #expect(bad.map(\.line) == [3, 4, 5])
    #expect(bad.map(\.reason) == ["columns_differ", "time_invalid", "event_time_future"])

    plan.errorsMax = 1
    guard case .failure(let fault) = await run(plan, daemon), case .badData = fault.kind else {
      Issue.record("three bad lines passed a limit of one")
      return
    }
    #expect(fault.message.contains("line 4"))
    // What came before the limit was sent.
    #expect(store.contents.duplicates >= 1)
    await daemon.stop()
  }

  @Test func readsJSONLines() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let lines = (0..<25).map { #"{"user":\#($0),"item":"i","ts":\#(1_302_439_980_000 + $0),"type":"view"}"# }
    let progress = try await run(plan(try directory.file("e.jsonl", lines.joined(separator: "\n"))), daemon)
      .get()
    #expect(progress.accepted == 25)
    #expect(store.contents.events.map { text($0.user) } == (0..<25).map(String.init))
    #expect(store.contents.events.allSatisfy { $0.type == 2 })
    await daemon.stop()
  }

  @Test func theLastOfEqualItemsWins() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let rows = (0..<50).map { "i\($0 % 2),title \($0)\n" }.joined()
    _ = try await run(plan(try directory.file("i.csv", "item,title\n" + rows), .items), daemon).get()
    #expect(store.contents.items.mapValues { text($0.title) } == ["i0": "title 48", "i1": "title 49"])
    await daemon.stop()
  }

  @Test func ratingsAreRatingsByTheirName() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let path = try directory.file("r.csv", "userId,movieId,rating,timestamp\n1,2,4.5,1302439980\n")
    _ = try await run(plan(path), daemon).get()
    #expect(store.contents.events.map(\.type) == [7])
    #expect(store.contents.events.map(\.value) == [4.5])
    await daemon.stop()
  }

  @Test func worksWhereNoStateCanBeKept() async throws {
    let directory = try TemporaryDirectory()
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    var plan = plan(try directory.file("e.csv", events(50)))
    plan.statePath = directory.path + "/nowhere/at/all"
    #expect(try await run(plan, daemon).get().accepted == 50)
    await daemon.stop()
  }
}
