import Foundation
import Testing

/// `magpie evaluate` as scripts see it; it talks to no daemon.
@Suite struct EvaluateTests {
  private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/magpie-evaluate-\(UUID().uuidString).txt"
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  private static let lists = (0..<20).map { "u\($0) a b c d\($0 % 3) e\($0 % 4) f\($0 % 5)" }.joined(
    separator: "\n")

  @Test func tablesSayWhatTheNumbersMean() async throws {
    try await withFile(Self.lists) { path in
      let ending = try await MagpieProgram.run([
        "evaluate", path, "--format", "sequences", "--split", "last-item", "--model", "popularity",
        "item-knn", "--k", "5",
      ])
      #expect(ending.code == 0, "\(ending.messages)")
      for word in ["split:", "seen items:", "ideal rule:", "tie rule:", "NDCG@5", "item-knn"] {
        #expect(ending.output.contains(word))
      }
    }
  }

  @Test func jsonIsOneObjectOnStandardOutput() async throws {
    try await withFile(Self.lists) { path in
      let ending = try await MagpieProgram.run([
        "evaluate", path, "--split", "random", "--model", "popularity", "--json",
      ])
      let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
      let models = try #require(object?["models"] as? [String: [String: Any]])
      #expect((models["popularity"]?["Recall@20"] as? [String: Any])?["low"] is Double)
    }
  }

  @Test func lengthsMayBeParted() async throws {
    try await withFile(Self.lists) { path in
      for arguments in [
        ["--k", "2", "3", path], ["--k", "2,3", path], [path, "--k", "3", "2"],
        ["--k", "2", "--k", "3", "--model", "popularity", "item-knn", path],
      ] {
        let ending = try await MagpieProgram.run(
          ["evaluate", "--json", "--split", "random", "--model", "popularity"] + arguments)
        let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
        let models = try #require(object?["models"] as? [String: [String: Any]], "\(ending.messages)")
        #expect(models["popularity"]?["HR@2"] != nil && models["popularity"]?["HR@3"] != nil, "\(arguments)")
        #expect(models["popularity"]?["HR@10"] == nil)
        for name in ["seconds", "cpuSeconds", "peakBytes"] { #expect(object?[name] is NSNumber, "\(name)") }
      }
      let wrong = try await MagpieProgram.run(["evaluate", path, "--k", "two"])
      #expect(wrong.code == 2 && wrong.messages.contains("--k two"), "\(wrong.messages)")
      let alone = try await MagpieProgram.run(["evaluate", path, "--tune-journal", "j"])
      #expect(alone.code == 2 && alone.messages.contains("--tune MINUTES"), "\(alone.messages)")
    }
  }

  @Test func endsWithDocumentedCodes() async throws {
    try await withFile("1\t2\n1\n") { path in
      let bad = try await MagpieProgram.run(["evaluate", path, "--format", "pairs"])
      #expect(bad.code == 65 && bad.messages.contains("line 2"), "\(bad.messages)")
      let name = try await MagpieProgram.run(["evaluate", path, "--model", "magic"])
      #expect(name.code == 2 && name.messages.contains("popularity"))
      let none = try await MagpieProgram.run(["evaluate"])
      #expect(none.code == 2 && none.messages.contains("--train"))
      let gone = try await MagpieProgram.run(["evaluate", path + ".not-there"])
      #expect(gone.code == 1 && gone.messages.contains("cannot be opened"))
    }
  }
}
