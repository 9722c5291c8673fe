import Engine
import Testing
import Vocabulary

/// Each request is answered in the scenario it names, by the settings in force.
@Suite struct ScenarioTests {
  private func items(_ outcome: Outcome) throws -> Set<String> {
    switch try outcome.get() {
    case .recommend(let slate), .similar(let slate), .complete(let slate), .rank(let slate):
      Set(slate.items.map(\.item.text))
    default: throw EngineRig.Unexpected()
    }
  }

  private func shown(_ rig: EngineRig, _ scenario: String) async throws -> Set<String> {
    try items(await ask(rig, scenario))
  }

  private func answered(_ rig: EngineRig, _ request: Request) async throws -> Set<String> {
    try items(await rig.call(request))
  }

  private func ask(_ rig: EngineRig, _ scenario: String, _ user: String = "u") async -> Outcome {
    await rig.recommend(user) { $0.scenario = Array(scenario.utf8) }
  }

  @Test func requestsNameTheirScenario() async throws {
    var repeats = ReadingSettings()
    repeats.hideSeen = false
    let name = try ScenarioName("again")
    let rig = try EngineRig { $0.scenarios = [name: repeats] }
    await rig.put([("a", "A"), ("b", "B")])
    _ = await rig.ingest([("u", "a")])
    #expect(try await shown(rig, "") == ["b"])
    #expect(try await shown(rig, "default") == ["b"])
    #expect(try await shown(rig, "again") == ["a", "b"])
    for scenario in ["nowhere", "agai", "again2"] {
      guard case .failure(let fault) = await ask(rig, scenario) else {
        Issue.record("\(scenario) was answered")
        continue
      }
      #expect(fault.reason == .scenarioUnknown && fault.field == "scenario")
    }
    guard case .failure(let named) = await ask(rig, "No Name") else {
      Issue.record("an impossible name was answered")
      return
    }
    #expect(named.reason == .nameInvalid)
  }

  @Test func otherListsNameThemToo() async throws {
    var cheap = ReadingSettings()
    cheap.rules.filter = "item.title == \"B\""
    let name = try ScenarioName("cheap")
    let rig = try EngineRig { $0.scenarios = [name: cheap] }
    await rig.put([("a", "A"), ("b", "B"), ("c", "C")])
    var similar = SimilarRequest()
    similar.item = Array("c".utf8)
    var complete = CompleteRequest()
    complete.basket = [Array("c".utf8)]
    var rank = RankRequest()
    rank.items = ["a", "b"].map { Array($0.utf8) }
    #expect(try await answered(rig, .similar(similar)) == ["a", "b"])
    similar.scenario = Array("cheap".utf8)
    complete.scenario = Array("cheap".utf8)
    rank.scenario = Array("cheap".utf8)
    #expect(try await answered(rig, .similar(similar)) == ["b"])
    #expect(try await answered(rig, .complete(complete)) == ["b"])
    #expect(try await answered(rig, .rank(rank)) == ["b"])
    rank.scenario = Array("other".utf8)
    guard case .failure(let fault) = await rig.call(.rank(rank)) else {
      Issue.record("an unknown scenario was answered")
      return
    }
    #expect(fault.reason == .scenarioUnknown)
  }

  /// From the next request on, without a restart.
  @Test func scenariosChangeWhileRequestsAreAnswered() async throws {
    let rig = try EngineRig()
    await rig.put([("a", "A"), ("b", "B")])
    _ = await rig.ingest([("u", "a")])
    guard case .failure = await ask(rig, "again") else {
      Issue.record("there is no such scenario yet")
      return
    }
    var settings = rig.settings
    var repeats = ReadingSettings()
    repeats.hideSeen = false
    settings.scenarios = [try ScenarioName("again"): repeats]
    rig.engine.apply(settings, configurationHash: 8)
    #expect(try await shown(rig, "again") == ["a", "b"])
    settings.reading.rules.filter = "item.title == \"A\""
    rig.engine.apply(settings, configurationHash: 9)
    #expect(try await shown(rig, "") == [])
    #expect(try await shown(rig, "again") == ["a", "b"])
  }
}
