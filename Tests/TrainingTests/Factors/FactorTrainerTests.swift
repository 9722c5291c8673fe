import Testing
import Training
import Vocabulary

@Suite struct FactorTrainerTests {
  private let pool = ThreadPool(threads: 2)

  private func pairs(_ rows: [Row], shards: Int = 1) throws -> PairMatrix {
    let data = try Sample.interactions(rows, shards: shards)
    return data.confidencePairs(unit: data.meanPositiveWeight)
  }

  private func settings(
    _ dimensions: Int, iterations: Int = 3, steps: Int = FactorSettings().descentSteps, seed: UInt64 = 1
  ) -> FactorSettings {
    var settings = FactorSettings()
    settings.descentSteps = steps
    settings.dimensions = dimensions
    settings.iterations = iterations
    settings.regularisation = 0.02
    settings.initialScale = 1
    settings.seed = seed
    return settings
  }

  private func score(_ factors: TrainedFactors, _ user: Int, _ item: Int) -> Double {
    (0..<factors.settings.dimensions).reduce(0.0) {
      $0 + Double(factors.users.row(user)[$1]) * Double(factors.items.row(item)[$1])
    }
  }

  /// Dimensions below, among and above the pairs of a row: the direct path, both, the short path. As many steps as a
  /// row has pairs or dimensions lead to the same answer, but for rounding.
  @Test(arguments: [2, 8, 40], [71, 72] as [UInt64]) func matchesDenseDoublePrecision(d: Int, seed: UInt64)
    throws
  {
    let pairs = try pairs(Sample.random(seed: seed))
    for (exponent, steps) in [(1.0, 0), (0.5, 0), (1, 60), (0.5, 60)] {
      var settings = settings(d, steps: steps, seed: seed)
      settings.regularisationExponent = exponent
      let factors = try #require(FactorTrainer(settings).train(pairs, pool: pool))
      let reference = DenseReference(pairs, settings: settings)
      var worst = 0.0
      for user in 0..<pairs.rowCount {
        for item in 0..<pairs.columnCount {
          worst = max(worst, abs(score(factors, user, item) - reference.score(user, item)))
        }
      }
      #expect(worst < 2e-3, "seed \(seed), d \(d), exponent \(exponent), steps \(steps)")
    }
  }

  /// The loss that few steps reach is close to that of exact sweeps: what docs/training.md says of real data.
  @Test(arguments: [73, 74, 75] as [UInt64]) func fewStepsLoseLittle(seed: UInt64) throws {
    let pairs = try pairs(Sample.random(seed: seed, users: 200, items: 90, events: 4000))
    let losses = try [0, 3].map { steps in
      let trained = FactorTrainer(settings(24, iterations: 8, steps: steps, seed: seed)).train(
        pairs, pool: pool)
      return try #require(trained).loss(pairs, pool: pool)
    }
    #expect(losses[1] < 1.01 * losses[0], "seed \(seed): \(losses)")
  }

  @Test(arguments: [81, 82] as [UInt64], [0, 1, 3]) func lossNeverGrows(seed: UInt64, steps: Int) throws {
    let pairs = try pairs(Sample.random(seed: seed))
    var last = Double.infinity
    for iterations in 1...8 {
      let factors = try #require(
        FactorTrainer(settings(10, iterations: iterations, steps: steps, seed: seed)).train(pairs, pool: pool)
      )
      let loss = factors.loss(pairs, pool: pool)
      #expect(loss.isFinite && loss > 0)
      #expect(loss <= last * (1 + 1e-5), "seed \(seed), iteration \(iterations), steps \(steps)")
      last = loss
    }
  }

  @Test func theLossIsTheOneThatIsDocumented() throws {
    let pairs = try pairs(Sample.random(seed: 83, users: 9, items: 7, events: 60))
    let settings = settings(3)
    let factors = try #require(FactorTrainer(settings).train(pairs, pool: pool))
    var expected = 0.0
    let byItem = pairs.transposed()
    func norm(_ row: UnsafeMutablePointer<Float>) -> Double {
      (0..<3).reduce(0.0) { $0 + Double(row[$1]) * Double(row[$1]) }
    }
    for user in 0..<pairs.rowCount {
      for item in 0..<pairs.columnCount {
        let value = score(factors, user, item)
        expected += settings.unobservedWeight * value * value
        if let pair = pairs.pairs(of: user).first(where: { pairs.columns[$0] == UInt32(item) }) {
          expected += Double(pairs.confidences[pair]) * (1 - value) * (1 - value)
        }
      }
      expected +=
        0.02 * (Double(pairs.pairs(of: user).count) + 0.1 * Double(pairs.columnCount))
        * norm(factors.users.row(user))
    }
    for item in 0..<pairs.columnCount {
      expected +=
        0.02 * (Double(byItem.pairs(of: item).count) + 0.1 * Double(pairs.rowCount))
        * norm(factors.items.row(item))
    }
    #expect(abs(factors.loss(pairs, pool: pool) - expected) < 1e-3 * expected)
  }

  @Test func threadsChangeNothingAndSeedsDo() throws {
    let pairs = try pairs(Sample.random(seed: 91, users: 400, items: 150, events: 6000), shards: 5)
    func items(_ threads: Int, _ seed: UInt64) throws -> [Float] {
      let trained = FactorTrainer(settings(16, seed: seed)).train(pairs, pool: ThreadPool(threads: threads))
      return try #require(trained).items.values.array()
    }
    let one = try items(1, 5)
    #expect(try items(1, 5) == one)
    #expect(try items(3, 5) == one)
    #expect(try items(1, 6) != one)
  }

  @Test func itemsWithoutPairsGetAZeroRow() throws {
    let pairs = PairMatrix(rowStart: [0, 2, 3], columns: [0, 2, 2], confidences: [1, 1, 1], columnCount: 4)
    let factors = try #require(FactorTrainer(settings(2)).train(pairs, pool: pool))
    for item in [1, 3] { #expect((0..<2).allSatisfy { factors.items.row(item)[$0] == 0 }) }
    #expect((0..<2).contains { factors.items.row(2)[$0] != 0 })
  }

  @Test func numbersThatAreNotFiniteAreReported() {
    let pairs = PairMatrix(
      rowStart: [0, 2], columns: [0, 1], confidences: [.infinity, .nan], columnCount: 2)
    for steps in [0, 3] { #expect(FactorTrainer(settings(1, steps: steps)).train(pairs, pool: pool) == nil) }
  }

  @Test func foldInGivesTheUserThatTrainingWould() throws {
    let pairs = try pairs(Sample.random(seed: 95))
    let settings = settings(6, iterations: 40)
    let factors = try #require(FactorTrainer(settings).train(pairs, pool: pool))
    let set = EvaluationSet(
      users: [3], histories: [[]],
      pairs: [pairs.pairs(of: 3).map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }],
      relevant: [[0]], itemCount: pairs.columnCount, seenRule: .allowed)
    let ranker = FactorRanker(factors)
    let scores = SharedArray<Float>(repeating: 0, count: pairs.columnCount)
    set.withQueries(0..<1) { ranker.score($0, into: scores.pointer, scratch: ranker.makeScratch()) }
    for item in 0..<pairs.columnCount { #expect(abs(Double(scores[item]) - score(factors, 3, item)) < 0.02) }
  }
}
