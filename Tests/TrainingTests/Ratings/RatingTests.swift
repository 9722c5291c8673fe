import Foundation
import Testing
import Training

@Suite struct RatingTests {
  /// Ratings of users with biases and two tastes, plus noise; a share is held out.
  private struct World {
    let train: RatingMatrix
    let test: [(user: Int, item: Int, rating: Double)]
    static let noise = 0.3

    init(seed: UInt64, users: Int, items: Int, share: Double) {
      var numbers = SeededNumbers(seed: seed, stream: 1)
      let userRows = (0..<users).map { _ in (0..<3).map { _ in numbers.normal() } }
      let itemRows = (0..<items).map { _ in (0..<3).map { _ in numbers.normal() } }
      var (start, columns, values) = ([0], [UInt32](), [Float]())
      var test: [(user: Int, item: Int, rating: Double)] = []
      for user in 0..<users {
        for item in 0..<items where numbers.uniform() < share {
          let taste =
            userRows[user][1] * itemRows[item][1] + userRows[user][2] * itemRows[item][2]
          let rating = 3 + 0.5 * userRows[user][0] + 0.5 * itemRows[item][0] + 0.6 * taste
          let noisy = rating + Self.noise * numbers.normal()
          if numbers.uniform() < 0.2 {
            test.append((user, item, noisy))
          } else {
            columns.append(UInt32(item))
            values.append(Float(noisy))
          }
        }
        start.append(columns.count)
      }
      train = PairMatrix(rowStart: start, columns: columns, confidences: values, columnCount: items)
      self.test = test
    }

    func error(_ predict: (Int, Int) -> Double) -> Double {
      let sum = test.reduce(0.0) { $0 + pow(predict($1.user, $1.item) - $1.rating, 2) }
      return (sum / Double(test.count)).squareRoot()
    }
  }

  @Test(arguments: [61, 62] as [UInt64]) func biasesMinimiseTheirLoss(seed: UInt64) {
    let world = World(seed: seed, users: 40, items: 30, share: 0.3)
    var settings = BiasModel.Settings()
    (settings.userRegularisation, settings.itemRegularisation, settings.iterations) = (5, 3, 200)
    let model = BiasModel(world.train, settings: settings, pool: ThreadPool(threads: 2))
    // The gradient of Σ (r − μ − b_u − b_i)² + 5 Σ b_u² + 3 Σ b_i² is zero.
    var (user, item) = (model.users.map { 5 * Double($0) }, model.items.map { 3 * Double($0) })
    for row in 0..<40 {
      for pair in world.train.pairs(of: row) {
        let column = Int(world.train.columns[pair])
        let error = model.predict(user: row, item: column) - Double(world.train.confidences[pair])
        user[row] += error
        item[column] += error
      }
    }
    #expect((user + item).allSatisfy { abs($0) < 1e-3 }, "seed \(seed)")
    #expect(model.predict(user: nil, item: nil) == model.mean)
    #expect(model.predict(user: nil, item: 3) == model.mean + Double(model.items[3]))
  }

  @Test(arguments: [63, 64] as [UInt64]) func samplingFindsThePlantedTastes(seed: UInt64) throws {
    let world = World(seed: seed, users: 150, items: 100, share: 0.4)
    let pool = ThreadPool(threads: 2)
    let bias = BiasModel(world.train, pool: pool)
    var settings = RatingFactorTrainer.Settings()
    (settings.dimensions, settings.burnIn, settings.samples, settings.thinning) = (4, 30, 10, 1)
    let factors = try #require(RatingFactorTrainer(settings).train(world.train, pool: pool))
    let (plain, learned) = (
      world.error { bias.predict(user: $0, item: $1) }, world.error { factors.predict(user: $0, item: $1) }
    )
    #expect(plain > 0.7, "seed \(seed): tastes matter")
    #expect(learned < 1.15 * World.noise, "seed \(seed): \(learned)")
    // The noise is found as well: its precision is 1 / 0.09.
    let deviation = (1 / (factors.samples.last?.noise ?? 0)).squareRoot()
    #expect(deviation.isNear(World.noise, 0.03), "seed \(seed): \(deviation)")
    // A user known by its ratings only is predicted as well as one that was there.
    var (folded, count) = (0.0, 0)
    for user in stride(from: 0, to: 150, by: 10) {
      let pairs = world.train.pairs(of: user)
      let asked = world.test.filter { $0.user == user }
      let predicted = factors.predict(
        ratedItems: Array(world.train.columns[pairs]), ratings: Array(world.train.confidences[pairs]),
        items: asked.map(\.item))
      for (one, value) in zip(asked, predicted) {
        folded += pow(value - one.rating, 2)
        count += 1
      }
    }
    #expect((folded / Double(count)).squareRoot() < 1.25 * World.noise, "seed \(seed)")
  }

  /// The posterior mean of one sample by elimination.
  @Test func foldInSolvesItsNormalEquations() throws {
    let world = World(seed: 65, users: 30, items: 20, share: 0.5)
    var settings = RatingFactorTrainer.Settings()
    (settings.dimensions, settings.burnIn, settings.samples) = (3, 5, 1)
    let factors = try #require(
      RatingFactorTrainer(settings).train(world.train, pool: ThreadPool(threads: 1)))
    let sample = factors.samples[0]
    let (items, ratings): ([UInt32], [Float]) = ([1, 4, 7], [4.5, 2, 3])
    var a = (0..<4).map { row in
      (0..<4).map { $0 == row ? sample.userPrior.precisions[row] : 0 }
        + [sample.userPrior.precisions[row] * sample.userPrior.means[row]]
    }
    for (item, rating) in zip(items, ratings) {
      let row = sample.items.row(Int(item))
      let x = [1, Double(row[1]), Double(row[2]), Double(row[3])]
      for i in 0..<4 {
        for j in 0..<4 { a[i][j] += sample.noise * x[i] * x[j] }
        a[i][4] += sample.noise * x[i] * (Double(rating) - factors.mean - Double(row[0]))
      }
    }
    for pivot in 0..<4 {
      for line in 0..<4 where line != pivot {
        let factor = a[line][pivot] / a[pivot][pivot]
        for column in 0...4 { a[line][column] -= factor * a[pivot][column] }
      }
    }
    let user = (0..<4).map { a[$0][4] / a[$0][$0] }
    let asked = sample.items.row(9)
    var wanted = factors.mean + user[0] + Double(asked[0])
    for index in 1..<4 { wanted += user[index] * Double(asked[index]) }
    wanted = min(max(wanted, factors.range.lowerBound), factors.range.upperBound)
    let found = factors.predict(ratedItems: items, ratings: ratings, items: [9])
    #expect(found[0].isNear(wanted, 1e-5))
  }

  @Test func threadsChangeNoBit() throws {
    let world = World(seed: 66, users: 300, items: 40, share: 0.3)
    var settings = RatingFactorTrainer.Settings()
    (settings.dimensions, settings.burnIn, settings.samples) = (3, 2, 2)
    let models = try [1, 3].map {
      try #require(RatingFactorTrainer(settings).train(world.train, pool: ThreadPool(threads: $0)))
    }
    for (one, three) in zip(models[0].samples, models[1].samples) {
      #expect(one.users.values.array() == three.users.values.array())
      #expect(one.items.values.array() == three.items.values.array())
    }
    settings.seed = 2
    let other = try #require(RatingFactorTrainer(settings).train(world.train, pool: ThreadPool(threads: 2)))
    #expect(other.samples[0].users.values.array() != models[0].samples[0].users.values.array())
  }

  @Test func predictionsStayInRangeAndNothingIsRefused() throws {
    let world = World(seed: 67, users: 20, items: 10, share: 0.5)
    var settings = RatingFactorTrainer.Settings()
    (settings.burnIn, settings.samples) = (1, 1)
    let trainer = RatingFactorTrainer(settings)
    let factors = try #require(trainer.train(world.train, pool: ThreadPool(threads: 1)))
    #expect(
      factors.predict(ratedItems: [0, 1, 2], ratings: [100, 100, 100], items: [3])
        == [factors.range.upperBound])
    let empty = PairMatrix(rowStart: [0, 0], columns: [], confidences: [], columnCount: 3)
    #expect(trainer.train(empty, pool: ThreadPool(threads: 1)) == nil)
    #expect(BiasModel(empty, pool: ThreadPool(threads: 1)).predict(user: 0, item: 2) == 0)
  }

  @Test func drawsHaveTheirMoments() {
    let count = 40_000
    var numbers = SeededNumbers(seed: 68, stream: 1, 2)
    let normal = (0..<count).map { _ in numbers.normal() }
    #expect(abs(normal.reduce(0, +) / Double(count)) < 0.02)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(count) - 1) < 0.04)
    for shape in [1.0, 2.5, 40] {
      let gamma = (0..<count).map { _ in numbers.gamma(shape: shape) }
      let mean = gamma.reduce(0, +) / Double(count)
      let variance = gamma.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      #expect(abs(mean / shape - 1) < 0.03, "shape \(shape)")
      #expect(abs(variance / shape - 1) < 0.08, "shape \(shape)")
    }
  }
}
