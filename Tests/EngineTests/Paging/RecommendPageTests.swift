import Engine
import Testing
import Vocabulary

/// Several lists in one request.
struct RecommendPageTests {
  private func rig() async throws -> EngineRig {
    let rig = try EngineRig { settings in
      for source in SourceKind.allCases {
        settings.reading.sourceWeights[source] = source == .popular ? 1 : 0
      }
    }
    await rig.put(names.map { ($0, "") })
    try makeGeneration(1, items: names, in: rig.root + "/data/generations/default")
    _ = try await rig.generations(.promote, 1).get()
    return rig
  }

  private let names = (0..<9).map { "i\($0)" }

  private func list(_ distinct: String, k: UInt32, _ change: (inout RecommendRequest) -> Void = { _ in })
    -> RecommendRequest
  {
    var request = RecommendRequest()
    (request.user, request.k, request.distinct) = (Array("u".utf8), k, Array(distinct.utf8))
    change(&request)
    return request
  }

  private func ask(_ rig: EngineRig, _ lists: [RecommendRequest]) async -> (
    lists: [PageList], fault: FaultReason?
  ) {
    var request = RecommendPageRequest()
    request.lists = lists
    switch await rig.call(.recommendPage(request)) {
    case .success(.recommendPage(let reply)): return (reply.lists, nil)
    case .success: return ([], nil)
    case .failure(let fault): return ([], fault.reason)
    }
  }

  private func ids(_ lists: [PageList]) -> [[String]] {
    lists.map { list in
      if case .slate(let slate) = list { slate.ids } else { ["fault"] }
    }
  }

  /// Each list takes part in the experiments of its own scenario, as it would alone.
  @Test func listsTakePartInExperiments() async throws {
    let rig = try await rig()
    var scenario = rig.settings.reading
    scenario.rules.filter = "item.id != \"i0\""
    rig.settings.scenarios[try ScenarioName("other")] = scenario
    rig.settings.scenarios[try ScenarioName("home")] = rig.settings.reading
    var experiment = ExperimentSettings(name: "x")
    (experiment.scenario, experiment.unit) = ("home", .seed)
    var other = ExperimentSettings.Arm(name: "other")
    other.scenario = "other"
    experiment.arms = [ExperimentSettings.Arm(name: "control"), other]
    rig.settings.experiments = [experiment]
    try rig.restart()
    var arms: [String: Int] = [:]
    for seed in 0..<40 as Range<UInt64> {
      let home = list("", k: 2) {
        $0.scenario = Array("home".utf8)
        $0.seed = seed
      }
      let reply = await ask(rig, [list("", k: 2), home])
      guard case .slate(let plain)? = reply.lists.first, case .slate(let shown)? = reply.lists.last else {
        throw EngineRig.Unexpected()
      }
      #expect(plain.experiment == "")
      #expect(shown.ids == (shown.experiment == "x/other" ? ["i1", "i2"] : ["i0", "i1"]))
      let alone = try #require(await rig.call(.recommend(home)).slate)
      #expect(alone.experiment == shown.experiment && alone.ids == shown.ids)
      arms[shown.experiment, default: 0] += 1
    }
    #expect(Set(arms.keys) == ["x/control", "x/other"])
    let rows = try await rig.status().feedback.filter { !$0.key.experiment.isEmpty }
    #expect(Set(rows.map(\.key.scenario)) == ["home"])
    guard case .success(.experiments(let report)) = await rig.call(.experiments(ExperimentsRequest())) else {
      throw EngineRig.Unexpected()
    }
    #expect(report.experiments.first?.arms.allSatisfy { $0.counts.lists > 0 } == true)
  }

  @Test func listsOfOneNameShareNothing() async throws {
    let rig = try await rig()
    let page = await ask(
      rig, [list("home", k: 3), list("", k: 2), list("home", k: 2), list("aside", k: 2), list("home", k: 9)])
    // The last is shorter, and says so.
    #expect(
      ids(page.lists) == [
        ["i0", "i1", "i2"], ["i0", "i1"], ["i3", "i4"], ["i0", "i1"], ["i5", "i6", "i7", "i8"],
      ])
    guard case .slate(let last)? = page.lists.last else { throw EngineRig.Unexpected() }
    // Events must be able to name the list they follow from.
    guard case .slate(let first) = page.lists[0], case .slate(let third) = page.lists[2] else {
      throw EngineRig.Unexpected()
    }
    #expect(first.recommendation != third.recommendation)
    #expect(last.fallbacks.contains(.fewerThanK))
    // What is not on this page is free on the next.
    #expect(ids(await ask(rig, [list("home", k: 2)]).lists) == [["i0", "i1"]])
    #expect(try #require(await rig.recommend("u") { $0.k = 2 }.slate).ids == ["i0", "i1"])
  }

  @Test func aWrongListDoesNotBlankTheOthers() async throws {
    let rig = try await rig()
    let page = await ask(
      rig,
      [
        list("h", k: 1), list("h", k: 0), list("h", k: 1) { $0.scenario = Array("none".utf8) },
        list("h", k: 1),
      ])
    #expect(ids(page.lists) == [["i0"], ["fault"], ["fault"], ["i1"]])
    guard case .fault(let first) = page.lists[1], case .fault(let second) = page.lists[2] else {
      throw EngineRig.Unexpected()
    }
    #expect(first.reason == .kOutOfRange && second.reason == .scenarioUnknown)
  }

  @Test func aListOfThePageGoesOnWithoutTheOthersItems() async throws {
    let rig = try await rig()
    let page = await ask(rig, [list("h", k: 3), list("h", k: 2) { $0.cursor = [] }])
    guard case .slate(let feed) = page.lists[1] else { throw EngineRig.Unexpected() }
    #expect(feed.ids == ["i3", "i4"])
    let next = await rig.recommend("u") { request in
      request.k = 9
      request.cursor = feed.cursor
    }
    #expect(try #require(next.slate).ids == ["i5", "i6", "i7", "i8"])
  }

  @Test func noListsAndTooManyAreRefused() async throws {
    let rig = try await rig()
    #expect(await ask(rig, []).fault == .missingField)
    #expect(
      await ask(rig, Array(repeating: list("", k: 1), count: Limits.pageListsMax + 1)).fault == .tooMany)
    #expect(
      await ask(rig, Array(repeating: list("", k: 1), count: Limits.pageListsMax)).lists.count
        == Limits.pageListsMax)
  }
}
