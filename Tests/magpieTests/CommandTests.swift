import Fakes
import Foundation
import Testing

/// The command line as scripts see it: exit codes, what goes where, names in JSON.
@Suite(.serialized) struct CommandTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func names(_ object: Any?) -> [String] { (object as? [String: Any])?.keys.sorted() ?? [] }

  private func daemon() async throws -> FakeDaemon {
    try await FakeDaemon.start { $1.reply($0.stream, Shop.answer($0.request)) }
  }

  private func run(_ daemon: FakeDaemon, _ arguments: String...) async throws -> MagpieProgram.Ending {
    try await MagpieProgram.run(arguments, environment: ["MAGPIE_PORT": "\(daemon.port)"])
  }

  @Test(arguments: [
    ["ping"], ["import"], ["recommend"], ["similar"], ["complete"], ["rank"], ["explain"], ["why-not"],
    ["replay"], ["experiments"], ["status"], ["train"],
    ["generations"],
    ["generations", "list"], ["generations", "show"], ["generations", "promote"],
    ["generations", "rollback"],
    ["item"], ["item", "show"], ["item", "put"], ["item", "delete"], ["user"], ["user", "show"], ["event"],
    ["event", "send"], ["evaluate"], ["snapshot"], ["snapshot", "create"], ["snapshot", "list"],
    ["snapshot", "verify"], ["snapshot", "restore"], ["snapshot", "prune"],
  ])
  func everyCommandHelpsWithAnExample(_ command: [String]) async throws {
    let ending = try await MagpieProgram.run(command + ["--help"])
    #expect(ending.code == 0)
    #expect(ending.output.contains("magpie \(command.joined(separator: " "))"))
    #expect(ending.output.contains("Example"))
    #expect(ending.messages.isEmpty)
  }

  @Test(arguments: [
    ["frob"], ["recommend", "u", "-k", "0"], ["recommend", "u", "--timeout", "0"],
    ["ping", "--port", "65536"],
    ["similar"], ["rank", "u"], ["event", "send", "--user", "u", "--type", "glance"],
    ["import", "x.csv", "--kind", "things"],
    ["import", "x.csv"], ["import", "events.txt"], ["import", "events.csv", "--map", "nothing"],
    ["import", "-", "--kind", "events", "--format", "csv", "--resume", "x"],
    ["snapshot", "prune"], ["snapshot", "prune", "--keep", "0"],
    ["snapshot", "prune", "--keep", "1", "--dry-run"], ["snapshot", "restore", "--to", "x"],
    ["snapshot", "restore", "--directory", "d", "--to", "t", "--at", "noon"],
  ])
  func wrongUsageEndsWith2(_ arguments: [String]) async throws {
    let ending = try await MagpieProgram.run(arguments)
    #expect(ending.code == 2, "\(ending)")
    #expect(ending.output.isEmpty)
    #expect(!ending.messages.isEmpty)
  }

  @Test func aWrongVariableIsNamed() async throws {
    let ending = try await MagpieProgram.run(["ping"], environment: ["MAGPIE_PORT": "seven"])
    #expect(ending.code == 2)
    #expect(ending.messages.contains("MAGPIE_PORT is \"seven\""))
  }

  @Test func anAbsentDaemonEndsWith69() async throws {
    let gone = try await daemon()
    await gone.stop()
    let ending = try await run(gone, "status")
    #expect(ending.code == 69)
    #expect(ending.output.isEmpty)
    #expect(ending.messages.contains("Start magpied"))
    let forPrograms = try await run(gone, "status", "--json")
    #expect(forPrograms.code == 69)
    let error = try json(forPrograms.messages)["error"] as? [String: Any]
    #expect(error?["reason"] as? String == "connection_lost")
  }

  @Test func printsAListWithReasonsInWords() async throws {
    let daemon = try await daemon()
    let ending = try await run(daemon, "recommend", "u", "-k", "2")
    #expect(ending.code == 0, "\(ending)")
    #expect(ending.output.contains("because you bought \"Cups\""))
    #expect(ending.output.contains("goes with \"Cups\" and \"basket\""))
    #expect(ending.output.contains("Note: No more items are allowed"))
    // No colours, cursor movements or anything else that steers a terminal: the output is a pipe.
    #expect(!ending.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    let lines = ending.output.split(separator: "\n")
    let columns = lines.prefix(4).dropFirst().map { $0.range(of: "Plates") ?? $0.range(of: "title") }
    #expect(
      columns.first??.lowerBound.utf16Offset(in: lines[1])
        == columns.dropFirst().first??.lowerBound.utf16Offset(in: lines[2]))
    await daemon.stop()
  }

  @Test func namesSegmentsAndShowsRatings() async throws {
    let daemon = try await daemon()
    for command in [
      ["recommend", "u", "--predict-ratings"], ["rank", "u", "plates", "b", "--predict-ratings"],
    ] {
      let ending = try await MagpieProgram.run(command, environment: ["MAGPIE_PORT": "\(daemon.port)"])
      #expect(ending.code == 0, "\(ending)")
      #expect(ending.output.contains("popular in France"))
      #expect(ending.output.contains("rating"))
      #expect(ending.output.contains("4.25"))
      let report = try json(
        try await MagpieProgram.run(command + ["--json"], environment: ["MAGPIE_PORT": "\(daemon.port)"])
          .output)
      let items = try #require(report["items"] as? [[String: Any]])
      #expect(items.map { $0["predicted_rating"] as? Double } == [nil, nil, 4.25])
      let reasons = items.map { ($0["reasons"] as? [[String: Any]])?.first }
      #expect(reasons.map { $0?["segment"] as? String } == [nil, nil, "France"])
    }
    await daemon.stop()
  }

  @Test func namesInJSONAreStable() async throws {
    let daemon = try await daemon()
    let slate = try json(try await run(daemon, "recommend", "u", "--json").output)
    #expect(
      names(slate) == [
        "configuration_hash", "cursor", "degraded", "dropped", "experiment", "fallbacks", "generation",
        "items", "position", "recommendation", "seed", "skipped_sources", "steps", "token",
      ])
    let item = (slate["items"] as? [[String: Any]])?.first
    #expect(
      names(item) == [
        "calibrated", "contributions", "item", "members", "placement", "predicted_rating", "propensity",
        "rank", "reasons", "score", "sources", "title",
      ])
    #expect(names((item?["reasons"] as? [Any])?.first) == ["code", "items", "segment", "text"])

    let items = try json(try await run(daemon, "item", "show", "cups", "--json").output)
    let entry = (items["items"] as? [[String: Any]])?.first
    #expect(names(entry) == ["deleted", "events", "id", "item"])
    #expect(
      names(entry?["item"]) == [
        "attributes", "available_from", "available_until", "categories", "created", "currency", "hidden",
        "location",
        "members", "owner", "price", "stock", "text", "title", "vectors",
      ])

    let status = try json(try await run(daemon, "status", "--json").output)
    #expect(
      names(status) == [
        "applied", "committed", "configuration_hash", "connections", "directory", "disk_free_bytes",
        "durability", "feedback", "feedback_desk", "freshness", "latencies", "log_bytes", "log_segments",
        "now", "quality", "resident_bytes", "scrub", "snapshot", "started", "state", "stored", "tenants",
        "version",
      ])
    let user = try json(try await run(daemon, "user", "show", "u", "--json").output)
    #expect(names(user) == ["attributes", "history", "id", "items"])
    await daemon.stop()
  }

  @Test func unknownItemsEndWith1() async throws {
    let daemon = try await daemon()
    let ending = try await run(daemon, "item", "show", "nowhere")
    #expect(ending.code == 1)
    #expect(ending.messages.contains("magpie item put nowhere"))
    await daemon.stop()
  }

  @Test func anOverloadedDaemonEndsWith75() async throws {
    let daemon = try await daemon()
    let ending = try await run(daemon, "train")
    #expect(ending.code == 75, "\(ending)")
    #expect(ending.messages.contains("magpie status"))
    await daemon.stop()
  }

  @Test func importsAndSaysHowItWent() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(
      path: "magpie-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appending(path: "events.csv")
    try Data("user,item,time\nu,i,1302439980\nu,j\nu,j,1302439981\n".utf8).write(to: file)
    let store = FakeStore()
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, store.answer($0.request)) }
    let strict = try await run(daemon, "import", file.path)
    #expect(strict.code == 65)
    #expect(strict.output.isEmpty)
    #expect(strict.messages.contains("Line 3:"))
    let lenient = try await run(daemon, "import", file.path, "--max-errors", "1", "--json")
    #expect(lenient.code == 0)
    let report = try json(lenient.output)
    #expect(
      names(report) == [
        "accepted", "bytes", "duplicates", "errors", "kind", "position", "seconds", "skipped",
      ])
    #expect(report["errors"] as? Int == 1)
    #expect(store.contents.events.count == 2)
    await daemon.stop()
  }
}
