import Engine
import Foundation
import Testing
import Vocabulary

/// Who gets which arm, what answers there, and what is told about it.
struct ExperimentTests {
  private func experiment(
    _ arms: [(name: String, share: Double, generation: UInt64)], unit: ExperimentSettings.Unit = .user
  ) -> ExperimentSettings {
    var experiment = ExperimentSettings(name: "x")
    experiment.unit = unit
    experiment.arms = arms.map { given in
      var arm = ExperimentSettings.Arm(name: given.name)
      arm.share = given.share
      arm.generation = given.generation
      return arm
    }
    return experiment
  }

  private func experiments(_ rig: EngineRig) async throws -> ExperimentsReply {
    guard case .success(.experiments(let reply)) = await rig.call(.experiments(ExperimentsRequest())) else {
      throw EngineRig.Unexpected()
    }
    return reply
  }

  @Test func usersStayInTheirArmAndSharesHold() async throws {
    let settings = experiment([("control", 3, 0), ("new", 1, 0)])
    let rig = try EngineRig { $0.experiments = [settings] }
    await rig.put([("a", ""), ("b", "")])
    var counts: [String: Int] = [:]
    var arms: [String: String] = [:]
    for number in 0..<800 {
      let slate = try #require(await rig.recommend("user-\(number)") { $0.k = 1 }.slate)
      counts[slate.experiment, default: 0] += 1
      arms["user-\(number)"] = slate.experiment
    }
    #expect(Set(counts.keys) == ["x/control", "x/new"])
    // 200 expected; five standard deviations are 61.
    #expect((139...261).contains(counts["x/new"] ?? 0), "\(counts)")
    try rig.restart()
    for number in stride(from: 0, to: 800, by: 37) {
      let slate = try #require(await rig.recommend("user-\(number)") { $0.k = 1 }.slate)
      #expect(slate.experiment == arms["user-\(number)"])
    }
    // Nobody to tell from others: outside. A session is told by its first item.
    #expect(await rig.recommend("").slate?.experiment == "")
    let session = { (rig: EngineRig, items: [String]) in
      await rig.recommend("") { $0.sessionItems = items.map { Array($0.utf8) } }.slate?.experiment
    }
    let one = await session(rig, ["a"])
    #expect(one?.hasPrefix("x/") == true)
    #expect(await session(rig, ["a", "b"]) == one)
  }

  @Test func anArmIsAnsweredByItsGeneration() async throws {
    let settings = experiment([("serving", 1, 0), ("older", 1, 1)])
    let rig = try EngineRig()
    await rig.put([("a", ""), ("b", ""), ("c", ""), ("d", "")])
    let path = rig.root + "/data/generations/default"
    try FullGeneration.make(1, in: path)
    try FullGeneration.make(2, in: path)
    _ = try await rig.generations(.promote, 2).get()
    rig.settings.experiments = [settings]
    try rig.restart()
    var seen: [String: Set<UInt64>] = [:]
    for number in 0..<60 {
      let slate = try #require(await rig.recommend("user-\(number)").slate)
      seen[slate.experiment, default: []].insert(slate.generation.value)
    }
    #expect(seen == ["x/serving": [2], "x/older": [1]])
    // What explains a list is made by the arm that answers it.
    for number in 0..<20 {
      let slate = try #require(await rig.recommend("user-\(number)").slate)
      var request = ExplainRequest()
      request.request.user = Array("user-\(number)".utf8)
      guard case .success(.explain(let reply)) = await rig.call(.explain(request)) else {
        throw EngineRig.Unexpected()
      }
      #expect(reply.generation == slate.generation && reply.recommendation == slate.recommendation)
    }
  }

  /// An arm whose generation is gone answers nobody, and the report says so.
  @Test func aMissingGenerationIsNoArm() async throws {
    let settings = experiment([("serving", 1, 0), ("gone", 1, 9)])
    let rig = try EngineRig { $0.experiments = [settings] }
    await rig.put([("a", "")])
    var seen: Set<String> = []
    for number in 0..<60 {
      seen.insert(try #require(await rig.recommend("user-\(number)").slate).experiment)
    }
    #expect(seen == ["x/serving", ""])
    let report = try #require(try await experiments(rig).experiments.first)
    #expect(report.arms.last?.note.contains("not there") == true)
    #expect(report.arms.last?.counts.lists == 0)
  }

  @Test func clicksAreToldByArm() async throws {
    let settings = experiment([("control", 1, 0), ("new", 1, 0)], unit: .seed)
    let rig = try EngineRig { $0.experiments = [settings] }
    await rig.put([("a", ""), ("b", "")])
    var lists: [String: Int] = [:]
    for seed in 0..<400 {
      let slate = try #require(
        await rig.recommend("u") {
          $0.seed = UInt64(seed)
          $0.k = 1
          $0.seen = .allow
        }.slate)
      lists[slate.experiment, default: 0] += 1
      guard slate.experiment == "x/new", seed % 2 == 0 else { continue }
      var request = IngestEventsRequest()
      var draft = EventDraft()
      draft.id = Array("e\(seed)".utf8)
      draft.type = Int32(EventType.click.rawValue)
      draft.user = Array("w".utf8)
      draft.item = Array(slate.ids[0].utf8)
      draft.recommendation = slate.recommendation
      request.events = [draft]
      _ = await rig.call(.ingestEvents(request))
    }
    let reply = try await experiments(rig)
    let report = try #require(reply.experiments.first)
    let (control, new) = (report.arms[0], report.arms[1])
    #expect(Int(control.counts.lists) == lists["x/control"])
    #expect(Int(new.counts.lists) == lists["x/new"])
    #expect(control.rate == 0)
    #expect(new.rate > 0.3 && new.rate < 0.7)
    #expect(new.low < new.rate && new.rate < new.high)
    let estimate = try #require(new.estimate)
    #expect((estimate.value - new.rate).magnitude < 1e-9, "equal weights: the plain rate")
    #expect((estimate.effectiveCount - Double(new.counts.lists)).magnitude < 1e-6)
    // Every list was asked for by a user without history, so the model has nothing to put right but its own prior.
    let robust = try #require(new.robust)
    #expect((robust.value - new.rate).magnitude < 0.1 && robust.standardError > 0)
    #expect(new.refusal == "" && reply.remembered == 400)
    let comparison = try #require(report.comparisons.first)
    #expect(comparison.difference == new.rate - control.rate)
    #expect(comparison.low <= comparison.difference && comparison.difference <= comparison.high)
    #expect(comparison.low == max(-1, new.low - control.high))
  }

  @Test func tooFewListsGiveNoEstimate() async throws {
    let settings = experiment([("control", 1, 0), ("new", 1, 0)])
    let rig = try EngineRig { $0.experiments = [settings] }
    await rig.put([("a", "")])
    for number in 0..<20 { _ = await rig.recommend("user-\(number)") }
    let arms = try await experiments(rig).experiments.first?.arms ?? []
    #expect(arms.count == 2)
    #expect(arms.allSatisfy { $0.estimate == nil && $0.note.contains("100") })
    #expect(arms.allSatisfy { $0.robust == nil && $0.refusal == "effective_sample_too_small" })
    #expect(arms.allSatisfy { $0.low == 0 && $0.high > 0.5 })
  }

  /// Exploration slots tell how likely each item was; from that comes what each would do if it always stood there. An item
  /// is clicked whenever it is shown, the others never.
  @Test func exploredItemsAreEstimated() async throws {
    let rig = try EngineRig { settings in
      settings.reading.exploration.slots = [2]
      settings.reading.exploration.method = .uniform
      settings.reading.exploration.impressions = 10_000
      settings.reading.hideSeen = false
    }
    await rig.put((0..<4).map { ("old\($0)", "") } + [("good", ""), ("bad", ""), ("worse", "")])
    var shown: [String: Int] = [:]
    var propensities: [String: [Double]] = [:]
    var events: [EventDraft] = []
    for seed in 0..<1_500 as Range<UInt64> {
      let slate = try #require(
        await rig.recommend("u") {
          ($0.k, $0.seed) = (3, seed)
        }.slate)
      for item in slate.items where item.placement == .explored {
        shown[item.item.text, default: 0] += 1
        propensities[item.item.text, default: []].append(Double(try #require(item.propensity)))
        guard item.item.text == "good" else { continue }
        var draft = EventDraft()
        draft.id = Array("e\(seed)".utf8)
        draft.type = Int32(EventType.click.rawValue)
        draft.user = Array("w".utf8)
        draft.item = item.item.bytes
        draft.recommendation = slate.recommendation
        events.append(draft)
      }
    }
    var request = IngestEventsRequest()
    request.events = events
    _ = await rig.call(.ingestEvents(request))
    let items = try await experiments(rig).items
    #expect(Set(items.map { String(decoding: $0.item, as: UTF8.self) }) == Set(shown.keys))
    for item in items {
      let name = String(decoding: item.item, as: UTF8.self)
      #expect(Int(item.shown) == shown[name] && item.scenario == "default")
      let weights = (propensities[name] ?? []).map { 1 / $0 }
      let effective = weights.reduce(0, +) * weights.reduce(0, +) / weights.reduce(0) { $0 + $1 * $1 }
      guard effective >= 100 else {
        #expect(item.estimate == nil && item.refusal == "effective_sample_too_small")
        continue
      }
      let estimate = try #require(item.estimate, "\(name): \(item.refusal)")
      #expect(abs(estimate.effectiveCount - effective) < 1e-3 * effective)
      #expect(abs(estimate.value - (name == "good" ? 1 : 0)) < 1e-9)
    }
    #expect(items.contains { ($0.estimate?.value ?? 0) > 0.5 })
  }
}
