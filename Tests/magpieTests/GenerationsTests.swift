import Fakes
import Foundation
import Testing

/// What scripts and people see of a generation that the gate refused.
@Suite(.serialized) struct GenerationsTests {
  private func run(_ arguments: String...) async throws -> MagpieProgram.Ending {
    let daemon = try await FakeDaemon.start { $1.reply($0.stream, Shop.answer($0.request)) }
    let ending = try await MagpieProgram.run(arguments, environment: ["MAGPIE_PORT": "\(daemon.port)"])
    await daemon.stop()
    return ending
  }

  @Test func theListSaysRefusedAndWhy() async throws {
    let ending = try await run("generations", "list")
    #expect(ending.code == 0)
    let lines = ending.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(lines[1].contains("refused") && lines[1].contains("It loses against generation 1."))
    #expect(!lines[1].contains("serving") && lines[2].contains("serving"))
    #expect(lines[1].contains("fusion"))
  }

  @Test func showHasRankingVerdictMetricsAndSettings() async throws {
    let ending = try await run("generations", "show", "2")
    #expect(ending.code == 0)
    for part in [
      "fusion", "Too little data for trees.", "Gate: refused. It loses against generation 1.", "0.0500",
      "0.1000",
      "-0.0500", "0.0060", "Asked what is newer.", "Not measured.", "It must hold.", "0.0625", "factors=64",
      "magpie generations promote 2 --force",
    ] {
      #expect(ending.output.contains(part), "\(part) in \(ending.output)")
    }
  }

  @Test func jsonHasTheWholeVerdict() async throws {
    let ending = try await run("generations", "show", "2", "--json")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
    #expect(object["ranking"] as? String == "fusion")
    #expect(object["ranking_reason"] as? String == "Too little data for trees.")
    #expect(object["settings"] as? [String: String] == ["factors": "64"])
    let gate = try #require(object["gate"] as? [String: Any])
    #expect(gate["passed"] as? Bool == false && gate["refused"] as? Bool == true)
    #expect(gate["mode"] as? String == "on" && gate["metric"] as? String == "NDCG@10")
    #expect(gate["margin"] as? Double == 0.02 && gate["served"] as? String == "fusion")
    let comparisons = try #require(gate["comparisons"] as? [[String: Any]])
    #expect(comparisons.count == 2)
    #expect(comparisons[0]["against"] as? String == "generation 1")
    #expect(comparisons[0]["questions"] as? Int == 310 && comparisons[0]["difference"] as? Double == -0.05)
    #expect(comparisons[0]["holds"] as? Bool == false && comparisons[0]["decides"] as? Bool == true)
    #expect(comparisons[1]["questions"] as? Int == 0 && comparisons[1]["decides"] as? Bool == false)
    // One of an older trainer: the names are there, the values are not.
    let old = try await run("generations", "show", "1", "--json")
    let older = try #require(JSONSerialization.jsonObject(with: Data(old.output.utf8)) as? [String: Any])
    #expect(older["gate"] is NSNull && older["ranking"] is NSNull)
  }

  @Test func promotingARefusedOneNeedsForce() async throws {
    let refused = try await run("generations", "promote", "2", "--json")
    #expect(refused.code == 1)
    #expect(refused.messages.contains("generation_refused") && refused.messages.contains("--force"))
    let forced = try await run("generations", "promote", "2", "--force", "--json")
    #expect(forced.code == 0)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(forced.output.utf8)) as? [String: Any])
    let list = try #require(object["generations"] as? [[String: Any]])
    #expect(list.first { $0["serving"] as? Bool == true }?["number"] as? Int == 2)
  }
}
