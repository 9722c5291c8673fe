import Foundation
import Testing
import Training

@Suite struct EaseTrainerTests {
  /// Each column of B from its own constrained least squares, by Gaussian elimination in double precision: item j is
  /// regressed on all others. EASE's closed form must give the same.
  private func reference(_ pairs: PairMatrix, lambda: Double, userExponent: Double) -> [[Double]] {
    let rows = Pairs.dense(pairs)
    let n = pairs.columnCount
    var gram = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for row in rows {
      let user = row.reduce(0, +)
      if user == 0 { continue }
      for i in 0..<n { for j in 0..<n { gram[i][j] += row[i] * row[j] / pow(user, userExponent) } }
    }
    var weights = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for target in 0..<n {
      let others = (0..<n).filter { $0 != target }
      var a = others.map { i in others.map { gram[i][$0] + (i == $0 ? lambda : 0) } + [gram[i][target]] }
      for pivot in others.indices {
        for line in (pivot + 1)..<max(others.count, pivot + 1) {
          let factor = a[line][pivot] / a[pivot][pivot]
          for column in pivot...others.count { a[line][column] -= factor * a[pivot][column] }
        }
      }
      for pivot in others.indices.reversed() {
        var value = a[pivot][others.count]
        for column in (pivot + 1)..<max(others.count, pivot + 1) {
          value -= a[pivot][column] * weights[others[column]][target]
        }
        weights[others[pivot]][target] = value / a[pivot][pivot]
      }
    }
    return weights
  }

  @Test(arguments: [11, 12, 13] as [UInt64]) func solvesEveryColumn(seed: UInt64) throws {
    let pairs = Pairs.random(seed: seed, users: 60, items: 18, weighted: true)
    for exponent in [0.0, 0.5] {
      var trainer = EaseTrainer(regularisation: 3)
      trainer.userExponent = exponent
      let model = try #require(trainer.train(pairs, pool: ThreadPool(threads: 2)))
      let expected = reference(pairs, lambda: 3, userExponent: exponent)
      for i in 0..<18 {
        for j in 0..<18 {
          #expect(
            Double(model.weights[i * 18 + j]).isNear(expected[i][j], 2e-4), "seed \(seed), \(i) → \(j)")
        }
      }
    }
  }

  /// More items than one tile, so that the blocks are exercised: A · A⁻¹ through the model's definition.
  @Test(arguments: [191, 192, 193, 450]) func blocksOfTheInverseFit(items: Int) throws {
    let pairs = Pairs.random(seed: 14, users: 120, items: items, share: 0.08)
    let model = try #require(EaseTrainer(regularisation: 4).train(pairs, pool: ThreadPool(threads: 3)))
    let rows = Pairs.dense(pairs)
    // B is the minimum: the gradient of column j is zero in all rows but j: Rᵀ(R B − R) + λ B.
    for target in stride(from: 0, to: items, by: 37) {
      let column = (0..<items).map { Double(model.weights[$0 * items + target]) }
      #expect(column[target] == 0)
      let errors = rows.map { row in
        zip(row, column).reduce(0.0) { $0 + $1.0 * $1.1 } - row[target]
      }
      for item in 0..<items where item != target {
        var gradient = 4 * column[item]
        for (row, error) in zip(rows, errors) { gradient += row[item] * error }
        #expect(abs(gradient) < 2e-3, "items \(items), \(item) → \(target): \(gradient)")
      }
    }
  }

  @Test func threadsChangeNoBit() throws {
    let pairs = Pairs.random(seed: 15, users: 200, items: 500, share: 0.05)
    let trainer = EaseTrainer(regularisation: 5)
    let one = try #require(trainer.train(pairs, pool: ThreadPool(threads: 1)))
    let three = try #require(trainer.train(pairs, pool: ThreadPool(threads: 3)))
    #expect(one.weights.array() == three.weights.array())
  }

  @Test func scoresAndTruncates() throws {
    let pairs = Pairs.random(seed: 16, users: 60, items: 20)
    let pool = ThreadPool(threads: 2)
    let model = try #require(EaseTrainer(regularisation: 2).train(pairs, pool: pool))
    let rows = Pairs.dense(pairs)
    let scores = Pairs.scores(DenseItemRanker(model, weight: .confidence), Pairs.queries(pairs))
    for user in rows.indices {
      for item in 0..<20 {
        let wanted = (0..<20).reduce(0.0) { $0 + rows[user][$1] * Double(model.weights[$1 * 20 + item]) }
        #expect(Double(scores[user][item]).isNear(wanted, 1e-4))
      }
    }
    let table = model.truncated(to: 3, pool: pool)
    for item in 0..<20 {
      let line = (0..<20).map { model.weights[item * 20 + $0] }
      let best = line.filter { $0 > 0 }.sorted(by: >).prefix(3)
      #expect(table.neighbours(of: item).map { table.scores[$0] } == Array(best))
    }
  }

  @Test func refusesWhatCannotBeInverted() {
    // Two items always together and no regularisation: singular.
    let pairs = PairMatrix(rowStart: [0, 2], columns: [0, 1], confidences: [1, 1], columnCount: 2)
    #expect(EaseTrainer(regularisation: 0).train(pairs, pool: ThreadPool(threads: 1)) == nil)
  }

  @Test func statesItsMemory() {
    #expect(EaseTrainer.fits(pairs: 1_000_000, users: 6040, items: 3706, memoryLimit: 1 << 30))
    #expect(!EaseTrainer.fits(pairs: 1_000_000, users: 30_000, items: 40_981, memoryLimit: 4 << 30))
    #expect(!EaseTrainer.fits(pairs: 1, users: 1, items: 50_000_000, memoryLimit: .max))
    #expect(EaseTrainer.regularisation(pairs: 0, items: 0) == 20)
  }
}
