import Boosting
import Foundation
import LiveState
import Models
import Serving
import Testing
import Training
import Vocabulary

/// The trainer and the daemon see the same numbers in the same state: trees learned on the one are right for the
/// other.
@Suite struct BlendAgreementTests {
  @Test func bothGiveEqualValues() throws {
    let steps = Chains.steps(seed: 31)
    let data = try Chains.interactions(steps)
    let settings = Chains.settings
    let models = try TrainedModels.train(data, settings: settings, pool: ThreadPool(threads: 2)) { _, _ in }
    let statistics = data.blendStatistics
    let path = NSTemporaryDirectory() + "magpie-agreement-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let generation = try write(models, statistics, data, to: path)

    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    for (number, step) in steps.enumerated() {
      tenant.apply(
        .event(try Chains.event(step, number: number)), at: Position(UInt64(number + 1)),
        ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
    }
    tenant.publish(through: Position(UInt64(steps.count)))
    let context = ReadContext(
      tenant: tenant, view: GenerationView(generation, tenant: tenant), settings: ReadingSettings(),
      configurationHash: 1, now: Timestamp(microseconds: 1_700_000_000_000_000),
      deadline: ContinuousNanoseconds.now + 600_000_000_000, cancellation: Cancellation())

    let sources = BlendSources(models, statistics: statistics)
    let scratch = ReadScratch()
    var compared = 0
    var spoken: Set<BlendFeature> = []
    for user in stride(from: 0, to: data.userCount, by: 37) {
      var request = RecommendRequest()
      request.user = Array(data.users[user].bytes)
      request.k = 10
      _ = try ReadPath.recommend(request, context, scratch)
      let theirs = daemonFeatures(scratch, context)
      let ours = trainerFeatures(user, data, models, sources)
      #expect(theirs.count > 50)
      #expect(Set(theirs.keys) == Set(ours.keys), "the same pool for user \(user)")
      for (row, values) in theirs {
        for feature in BlendFeature.allCases {
          if values[feature.rawValue] != 0 { spoken.insert(feature) }
          let (left, right) = (values[feature.rawValue], try #require(ours[row])[feature.rawValue])
          // Fold-in is solved by two routines, so its scores agree to rounding; all else is the same arithmetic.
          #expect(
            abs(left - right) <= 1e-4 * max(1, abs(right)), "\(feature.name) of row \(row), user \(user)")
        }
        compared += 1
      }
    }
    #expect(compared > 500)
    for feature in [BlendFeature.linearScore, .similarUsersScore] {
      #expect(spoken.contains(feature), "\(feature.name) was never anything but zero")
    }
  }

  /// What the daemon's last request handed to the trees, by row.
  private func daemonFeatures(_ scratch: ReadScratch, _ context: ReadContext) -> [Int: [Float]] {
    var found: [Int: [Float]] = [:]
    for (place, number) in scratch.blend.pool.enumerated() {
      guard let row = context.view?.row(of: scratch.candidates.items[Int(number)]) else { continue }
      let start = scratch.blend.features + place * BlendFeature.count
      found[row] = Array(UnsafeBufferPointer(start: start, count: BlendFeature.count))
    }
    return found
  }

  private func trainerFeatures(
    _ user: Int, _ data: Interactions, _ models: TrainedModels, _ sources: BlendSources
  ) -> [Int: [Float]] {
    let pairs = data.confidencePairs(unit: models.confidenceUnit)
    let range = pairs.pairs(of: user)
    let history = data.events(of: user).filter { data.eventWeight[$0] > 0 }.map { data.eventItem[$0] }
    let set = EvaluationSet(
      users: [user], histories: [history],
      pairs: [range.map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }],
      relevant: [Array(0..<UInt32(data.itemCount))], itemCount: data.itemCount, seenRule: .excluded)
    let scratch = sources.makeScratch()
    let scores = SharedArray<Float>(repeating: 0, count: data.itemCount)
    var found: [Int: [Float]] = [:]
    set.withQueries([0]) { queries in
      sources.ials.score(queries, into: scores.pointer, scratch: sources.ials.makeScratch())
      for candidate in sources.candidates(queries[0], ialsScores: scores.pointer, scratch: scratch)
        .prefix(BlendRules.poolSize)
      {
        var values = [Float](repeating: 0, count: BlendFeature.count)
        candidate.state.write(into: &values)
        found[Int(candidate.row)] = values
      }
    }
    return found
  }

  private func write(
    _ models: TrainedModels, _ statistics: BlendStatistics, _ data: Interactions, to path: String
  ) throws -> Generation {
    let writer = try GenerationWriter(in: path, number: GenerationNumber(1))
    try writer.addItems(data.items)
    let ranking = PopularityTrainer.ranking(models.popularity)
    try writer.addPopularity(rows: ranking.rows, scores: ranking.scores)
    for (name, table) in [
      (ModelName.transitions, models.transitions), (ModelName.cooccurrence, models.cooccurrence),
    ] {
      try writer.addNeighbours(
        name, offsets: table.rowStart.map { UInt64($0) }, rows: table.rows, scores: table.scores)
    }
    let linear = try #require(models.linear)
    #expect(linear.kind == .ease && linear.table.scores.contains { $0 < 0 })
    try writer.addNeighbours(
      ModelName.linear, offsets: linear.table.rowStart.map { UInt64($0) }, rows: linear.table.rows,
      scores: linear.table.scores)
    try #require(models.userNeighbours).withIndex { index in try writer.addUserNeighbours(index) }
    let factors = models.factors
    try writer.addFactors(
      ModelName.ials, rows: factors.items.values.elements, dimensions: factors.settings.dimensions,
      regularisation: factors.settings.regularisation, unobservedWeight: factors.settings.unobservedWeight,
      regularisationExponent: factors.settings.regularisationExponent,
      parameters: ["confidenceUnit": Double(models.confidenceUnit)])
    try writer.addBlend(try TreeBooster.learn(Chains.lesson(seed: 32)), statistics: statistics)
    _ = try writer.finish(
      Manifest(
        number: GenerationNumber(1), tenant: .default, created: Timestamp(microseconds: 1),
        trainedTo: Position(1), users: UInt64(data.userCount), items: UInt64(data.itemCount),
        events: UInt64(data.eventCount), trainingSeconds: 1))
    return try Generation.open(at: writer.path)
  }
}
