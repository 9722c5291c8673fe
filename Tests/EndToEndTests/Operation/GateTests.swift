import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The gate through the programs: a good generation serves, a worse one does not.
  @Suite struct GateTests {
    /// One dimension, one neighbour: it cannot tell ten groups apart.
    private static let poor = [
      "factors=1", "iterations=1", "neighbours=1", "transition_window=1", "blend=false", "linear=off",
      "user_neighbours=off",
    ].flatMap { ["--set", "training.\($0)"] }

    @Test("A worse generation is refused, says so everywhere, and serves only by force")
    func refusal() async throws {
      let seed = testSeed()
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<8, seed: seed)
        let made = try daemon.magpie("train", "--wait", "--json")
        #expect(made.ending == .exit(0), "seed \(seed): \(made.output) \(made.errors)")
        #expect(try daemon.stop() == .exit(0))

        daemon.arguments = Self.poor
        try daemon.start()
        try GroupedShop.fill(daemon, batches: 8..<10, seed: seed)
        let refused = try daemon.magpie("train", "--wait")
        #expect(refused.ending == .exit(1), "seed \(seed): \(refused.output)")
        #expect(
          refused.errors.contains("refused") && refused.errors.contains("generation 1"), "\(refused.errors)")
        let status = try require(daemon.status().tenants.first, "no tenant")
        #expect(status.generation.value == 1)
        #expect(status.training.state == .succeeded && status.training.message.contains("--force"))
        #expect(try daemon.magpie("generations", "list").output.contains("refused"))
        let shown = try daemon.magpie("generations", "show", "2")
        #expect(shown.output.contains("generation 1") && shown.output.contains("popularity"))
        let object = try require(
          daemon.magpie("generations", "show", "2", "--json").json as? [String: Any], "no JSON")
        let gate = try require(object["gate"] as? [String: Any], "no gate")
        #expect(gate["refused"] as? Bool == true && gate["passed"] as? Bool == false)
        #expect(daemon.workplace.read("magpied.err").contains("generation_refused"))

        let promoted = try daemon.magpie("generations", "promote", "2", "--json")
        #expect(promoted.ending == .exit(1) && promoted.errors.contains("generation_refused"))
        #expect(try daemon.status().tenants.first?.generation.value == 1)
        #expect(try daemon.magpie("generations", "promote", "2", "--force").ending == .exit(0))
        #expect(try daemon.status().tenants.first?.generation.value == 2)
        #expect(try daemon.magpie("generations", "rollback").ending == .exit(0))
        #expect(try daemon.status().tenants.first?.generation.value == 1)

        // The same trainer where the gate only warns.
        #expect(try daemon.stop() == .exit(0))
        daemon.arguments = Self.poor + ["--set", "training.gate=warn"]
        try daemon.start()
        #expect(try daemon.magpie("train", "--wait").ending == .exit(0))
        #expect(try daemon.status().tenants.first?.generation.value == 3)
        #expect(daemon.workplace.read("magpied.err").contains("generation_lost"))
      }
    }
  }
}
