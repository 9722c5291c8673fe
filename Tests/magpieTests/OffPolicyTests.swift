import Foundation
import Testing

/// `magpie off-policy` as scripts see it; it talks to no daemon.
@Suite struct OffPolicyCommandTests {
  private func withLog(_ count: Int, _ body: (String, String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/magpie-off-policy-\(UUID().uuidString)"
    // Two items, alike often; the first is clicked every second time, the other never.
    var text = "item,propensity,click\n"
    for number in 0..<count { text += "i\(number % 2),0.5,\(number % 4 == 0 ? 1 : 0)\n" }
    try Data(text.utf8).write(to: URL(filePath: path + ".log"))
    try Data("item,probability\ni0,0.75\ni1,0.25\n".utf8).write(to: URL(filePath: path + ".policy"))
    defer {
      for end in [".log", ".policy"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    try await body(path + ".log", path + ".policy")
  }

  /// Three quarters of half of the clicks: 0.375, by every method.
  @Test func estimatesForPeopleAndPrograms() async throws {
    try await withLog(1_000) { log, policy in
      let words = try await MagpieProgram.run(["off-policy", "--log", log, "--policy", policy])
      #expect(words.code == 0, "\(words.messages)")
      for text in [
        "inverse propensity", "self-normalised", "doubly robust", "0.37500", "Effective sample size 800",
      ] {
        #expect(words.output.contains(text), "\(text) in \(words.output)")
      }
      let ending = try await MagpieProgram.run(["off-policy", "--log", log, "--policy", policy, "--json"])
      let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
      let estimates = try #require(object?["estimates"] as? [[String: Any]])
      #expect(estimates.compactMap { $0["method"] as? String } == ["ips", "snips", "doubly_robust"])
      for estimate in estimates.prefix(2) { #expect(abs((estimate["value"] as? Double ?? 0) - 0.375) < 1e-9) }
      #expect(object?["refusal"] is NSNull && object?["effective"] as? Double == 800)
    }
  }

  @Test func tooLittleIsRefusedWithAReason() async throws {
    try await withLog(60) { log, policy in
      let ending = try await MagpieProgram.run(["off-policy", "--log", log, "--policy", policy, "--json"])
      #expect(
        ending.code == 1 && ending.messages.contains("effective_sample_too_small"), "\(ending.messages)")
      #expect(ending.output.contains("\"estimates\" : [\n\n  ]"), "\(ending.output)")
      let enough = try await MagpieProgram.run([
        "off-policy", "--log", log, "--policy", policy, "--min-effective", "10",
      ])
      #expect(enough.code == 0, "\(enough.messages)")
      for wrong in [["--log", log], ["--log", log, "--policy", policy, "--clip", "0"]] {
        #expect(try await MagpieProgram.run(["off-policy"] + wrong).code == 2)
      }
      #expect(try await MagpieProgram.run(["off-policy", "--log", "/nowhere", "--policy", policy]).code == 1)
    }
  }
}
