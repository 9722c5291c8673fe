import Foundation
import Models
import Testing
import Training
import Vocabulary

/// Whole runs on purchases of a real shop: threads change nothing, shards change rounding only.
@Suite struct ShardingTests {
  /// Far below what tells two models apart, far above what rounding does to a mean over users: a different order of
  /// two items that are nearly tied moves one user's metric.
  private static let metricTolerance = 2e-3

  private struct Outcome {
    var digests: [String: String]
    var metrics: [String: [String: Double]]
    var popularity: [String: Float] = [:]
    var transitions: [String: Float] = [:]
    var ials: [Float] = []
  }

  private func run(_ path: String, _ last: Position, number: UInt64, shards: Int, threads: Int) throws
    -> Outcome
  {
    var settings = TrainingSettings()
    settings.factors = 16
    settings.iterations = 4
    settings.neighbours = 30
    settings.shards = shards
    settings.threads = threads
    let shelf = path + "/generations/default"
    let manifest = try TrainingRun(
      settings: settings, tenant: .default, logPath: path + "/log", generationsPath: shelf,
      number: GenerationNumber(number), through: last
    ).run()
    let generation = try Generation.open(
      at: GenerationShelf(path: shelf).path(of: GenerationNumber(number)), tenant: .default)
    var outcome = Outcome(
      digests: Dictionary(uniqueKeysWithValues: manifest.arrays.map { ($0.name, $0.sha256) }),
      metrics: manifest.metrics)
    let name = { (row: UInt32) in generation.identifier(of: Int(row)).text }
    if let popularity = generation.popularity {
      for (row, score) in zip(popularity.rows, popularity.scores) { outcome.popularity[name(row)] = score }
    }
    if let transitions = generation.transitions {
      for row in 0..<generation.itemCount {
        let (rows, scores) = transitions.neighbours(of: row)
        for (other, score) in zip(rows, scores) {
          outcome.transitions["\(name(UInt32(row))) \(name(other))"] = score
        }
      }
    }
    if let factors = generation.factors {
      // Axes of factors may turn and flip; what counts are products.
      let rows = min(generation.itemCount, 60)
      for left in 0..<rows {
        for right in 0..<rows {
          outcome.ials.append(zip(factors.row(left), factors.row(right)).reduce(0) { $0 + $1.0 * $1.1 })
        }
      }
    }
    return outcome
  }

  @Test func threadsChangeNoByteAndShardsOnlyRounding() throws {
    try LogOnDisk.make(try LogOnDisk.shop(25_000)) { path, last in
      var number: UInt64 = 0
      var first: [Int: Outcome] = [:]
      for shards in [1, 2, 7] {
        for threads in [1, 2, 3] {
          number += 1
          let outcome = try run(path, last, number: number, shards: shards, threads: threads)
          guard let same = first[shards] else {
            #expect(outcome.digests.count >= 8)
            first[shards] = outcome
            continue
          }
          // Every array of every model.
          #expect(outcome.digests == same.digests, "\(shards) shards, \(threads) threads")
          #expect(outcome.metrics == same.metrics, "\(shards) shards, \(threads) threads")
        }
      }
      let one = try #require(first[1])
      #expect(one.metrics.count >= 6, "\(one.metrics.keys.sorted())")
      for shards in [2, 7] {
        let other = try #require(first[shards])
        #expect(other.metrics.keys.sorted() == one.metrics.keys.sorted())
        for (model, metrics) in one.metrics {
          for (metric, value) in metrics {
            let difference = abs((other.metrics[model]?[metric] ?? .infinity) - value)
            #expect(difference <= Self.metricTolerance, "\(model) \(metric), \(shards) shards: \(difference)")
          }
        }
        // The models themselves are the same but for the last digits.
        #expect(other.popularity.count == one.popularity.count)
        for (item, score) in one.popularity {
          #expect(abs((other.popularity[item] ?? .infinity) - score) <= 1e-5 * abs(score))
        }
        // Pairs that are nearly tied for the last place may change places.
        let common = one.transitions.filter { other.transitions[$0.key] != nil }
        #expect(Double(common.count) >= 0.999 * Double(one.transitions.count))
        for (pair, score) in common {
          #expect(abs((other.transitions[pair] ?? .infinity) - score) <= 1e-5 * abs(score))
        }
        #expect(other.ials.count == one.ials.count)
        let worst = zip(one.ials, other.ials).map { abs($0 - $1) }.max() ?? .infinity
        let scale = one.ials.map { abs($0) }.max() ?? 0
        #expect(worst <= 1e-3 * scale, "products of factors differ by \(worst) of \(scale)")
      }
    }
  }
}
