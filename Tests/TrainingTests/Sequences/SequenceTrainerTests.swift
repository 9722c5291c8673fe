import Foundation
import Testing
import Training

@Suite struct SequenceTrainerTests {
  private func random(seed: UInt64, sequences: Int = 30, items: Int = 12) -> [[UInt32]] {
    var chance = SeededGenerator(seed: seed)
    return (0..<sequences).map { number in
      let length = number % 7 == 0 ? number % 2 : Int.random(in: 2...14, using: &chance)
      return (0..<length).map { _ in UInt32.random(in: 0..<UInt32(items - 1), using: &chance) }
    }
  }

  /// The regression from its definition: inputs and targets place by place, normal equations solved by elimination.
  private func regression(_ lists: [[UInt32]], _ trainer: SequenceRegressionTrainer, _ n: Int) -> [[Double]] {
    var left = (0..<n).map { row in (0..<n).map { $0 == row ? trainer.regularisation : 0 } }
    var right = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    var degrees = [Double](repeating: 0, count: n)
    for list in lists {
      for t in list.indices {
        degrees[Int(list[t])] += 1
        var (x, y) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
        for p in 0...t { x[Int(list[p])] += pow(trainer.inputDecay, Double(t - p)) }
        for q in list.indices where q > t { y[Int(list[q])] += pow(trainer.outputDecay, Double(q - t - 1)) }
        for i in 0..<n where x[i] != 0 {
          for j in 0..<n {
            left[i][j] += x[i] * x[j]
            right[i][j] += x[i] * y[j]
          }
        }
      }
    }
    for pivot in 0..<n {
      for line in 0..<n where line != pivot {
        let factor = left[line][pivot] / left[pivot][pivot]
        for column in 0..<n {
          left[line][column] -= factor * left[pivot][column]
          right[line][column] -= factor * right[pivot][column]
        }
      }
    }
    return (0..<n).map { i in
      (0..<n).map { j in
        if i == j && !trainer.keepsRepeats { return 0 }
        return degrees[j] > 0 ? right[i][j] / left[i][i] * pow(degrees[j], -trainer.targetExponent) : 0
      }
    }
  }

  @Test(arguments: [31, 32, 33] as [UInt64]) func regressionSolvesItsNormalEquations(seed: UInt64) throws {
    let lists = random(seed: seed)
    var trainer = SequenceRegressionTrainer()
    trainer.regularisation = 2
    for (input, output, repeats, exponent) in [
      (0.8, 0.5, false, 0.0), (0.6, 0.6, true, 0.3), (0.7, 0, true, 0),
    ] {
      (trainer.inputDecay, trainer.outputDecay) = (input, output)
      (trainer.keepsRepeats, trainer.targetExponent) = (repeats, exponent)
      let expected = regression(lists, trainer, 12)
      let model = try #require(
        trainer.train(SequenceStore(lists, itemCount: 12), pool: ThreadPool(threads: 2)))
      for i in 0..<12 {
        for j in 0..<12 {
          #expect(
            Double(model.weights[i * 12 + j]).isNear(expected[i][j], 1e-4),
            "seed \(seed), decays \(input) \(output), \(i) → \(j)")
        }
      }
    }
  }

  @Test(arguments: [34, 35] as [UInt64]) func gapTransitionsMatchTheReference(seed: UInt64) {
    let lists = random(seed: seed)
    for fading in [GapTransitionTrainer.Fading.harmonic, .geometric(0.6)] {
      var trainer = GapTransitionTrainer(neighbours: 4)
      (trainer.window, trainer.fading, trainer.backwardWeight) = (3, fading, 0.25)
      (trainer.sourceExponent, trainer.targetExponent, trainer.shrinkage) = (0.7, 0.3, 1.5)
      var raw = [[Double]](repeating: [Double](repeating: 0, count: 12), count: 12)
      for list in lists {
        for p in list.indices {
          for q in list.indices where q > p && q - p <= 3 && list[p] != list[q] {
            let weight =
              switch fading {
              case .harmonic: 1 / Double(q - p)
              case .geometric(let decay): pow(decay, Double(q - p - 1))
              }
            raw[Int(list[p])][Int(list[q])] += weight
            raw[Int(list[q])][Int(list[p])] += 0.25 * weight
          }
        }
      }
      let out = raw.map { $0.reduce(0, +) }
      let into = (0..<12).map { column in raw.reduce(0) { $0 + $1[column] } }
      let table = trainer.train(SequenceStore(lists, itemCount: 12), pool: ThreadPool(threads: 2))
      for i in 0..<12 {
        let scores = (0..<12).map { j in
          raw[i][j] > 0 ? raw[i][j] * pow(out[i] + 1.5, -0.7) * pow(into[j] + 1.5, -0.3) : 0
        }
        let places = table.neighbours(of: i)
        let best = scores.filter { $0 > 0 }.sorted(by: >).prefix(4)
        #expect(places.count == best.count, "seed \(seed), item \(i)")
        for (place, wanted) in zip(places, best) {
          #expect(Double(table.scores[place]).isNear(wanted, 1e-5), "seed \(seed), item \(i)")
          #expect(scores[Int(table.rows[place])].isNear(wanted, 1e-5), "seed \(seed), item \(i)")
        }
      }
    }
  }

  @Test func threadsChangeNoBit() throws {
    let store = SequenceStore(random(seed: 36, sequences: 400, items: 260), itemCount: 260)
    let trainer = SequenceRegressionTrainer()
    let one = try #require(trainer.train(store, pool: ThreadPool(threads: 1)))
    let three = try #require(trainer.train(store, pool: ThreadPool(threads: 3)))
    #expect(one.weights.array() == three.weights.array())
    let gaps = GapTransitionTrainer(neighbours: 9)
    #expect(
      gaps.train(store, pool: ThreadPool(threads: 1)) == gaps.train(store, pool: ThreadPool(threads: 3)))
  }

  @Test func nothingToLearnFromIsNoTrap() {
    let empty = SequenceStore([], itemCount: 3)
    let table = GapTransitionTrainer(neighbours: 2).train(empty, pool: ThreadPool(threads: 2))
    #expect(table.rows.isEmpty && table.itemCount == 3)
  }

  @Test func cutsUsersAndSessions() throws {
    let rows = [
      Row(user: "a", item: "x", seconds: 0), Row(user: "a", item: "x", seconds: 1),
      Row(user: "a", item: "y", seconds: 2), Row(user: "a", item: "z", seconds: 10_000),
      Row(user: "b", item: "y", seconds: 5, session: 1), Row(user: "b", item: "x", seconds: 6, session: 2),
      Row(user: "b", item: "z", seconds: 9_000, session: 2),
      Row(user: "b", item: "y", seconds: 9_001, type: .dislike),
    ]
    let data = try Sample.interactions(rows)
    func names(_ store: SequenceStore) -> [String] {
      (0..<store.count).map { sequence in
        store.places(of: sequence).map { data.items[Int(store.items[$0])].text }.joined()
      }
    }
    #expect(names(SequenceStore(users: data)).sorted() == ["xyz", "yxz"])
    // Ends at 2, 5, 9000 and 10000 seconds.
    #expect(names(SequenceStore(sessions: data)) == ["xxy", "y", "xz", "z"])
  }
}
