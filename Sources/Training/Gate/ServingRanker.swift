import Glibc
import Models

/// Answers questions about one set of items from models that were trained on another: translates rows there and scores
/// back. Items the models do not know are left out of the history, as the daemon does, and score nothing.
struct ServingRanker: Ranker {
  private let ranker: CandidateRanker
  /// The models' row of each item asked about, or `.max`.
  private let rowOf: [UInt32]
  private let unit: Float
  private let servingUnit: Float

  /// - Parameters:
  ///   - unit: event weight that counts as one in the questions' confidences.
  ///   - servingUnit: the same for the models.
  init(_ ranker: CandidateRanker, rowOf: [UInt32], unit: Float, servingUnit: Float) {
    self.ranker = ranker
    self.rowOf = rowOf
    self.unit = unit
    self.servingUnit = servingUnit
  }

  var itemCount: Int { rowOf.count }

  final class Scratch: Sendable {
    fileprivate let inner: BlendSources.Scratch
    fileprivate let scores: SharedArray<Float>

    fileprivate init(inner: BlendSources.Scratch, count: Int) {
      self.inner = inner
      scores = SharedArray(repeating: 0, count: Evaluator.batchQueries * count)
    }
  }

  func makeScratch() -> Scratch { Scratch(inner: ranker.makeScratch(), count: ranker.itemCount) }

  /// REQUIRES: at most `Evaluator.batchQueries` queries.
  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    var history: [UInt32] = []
    var items: [UInt32] = []
    var confidences: [Float] = []
    var ends: [(history: Int, pairs: Int)] = []
    for query in queries {
      for item in query.history where rowOf[Int(item)] != .max { history.append(rowOf[Int(item)]) }
      for (item, confidence) in zip(query.pairItems, query.pairConfidences) where rowOf[Int(item)] != .max {
        items.append(rowOf[Int(item)])
        confidences.append(translated(confidence))
      }
      ends.append((history.count, items.count))
    }
    history.withUnsafeBufferPointer { history in
      items.withUnsafeBufferPointer { items in
        confidences.withUnsafeBufferPointer { confidences in
          var start = (history: 0, pairs: 0)
          let asked = zip(queries, ends).map { query, end in
            defer { start = end }
            return Query(
              user: query.user, history: UnsafeBufferPointer(rebasing: history[start.history..<end.history]),
              pairItems: UnsafeBufferPointer(rebasing: items[start.pairs..<end.pairs]),
              pairConfidences: UnsafeBufferPointer(rebasing: confidences[start.pairs..<end.pairs]))
          }
          ranker.score(asked, into: scratch.scores.pointer, scratch: scratch.inner)
        }
      }
    }
    for query in queries.indices {
      let (from, to) = (
        scratch.scores.pointer + query * ranker.itemCount, output + query * itemCount
      )
      for (item, row) in rowOf.enumerated() { to[item] = row == .max ? 0 : from[Int(row)] }
    }
  }

  /// `Confidence` counts in units of the mean weight of the data a model was trained on: back to the weight, and forth.
  private func translated(_ confidence: Float) -> Float {
    log2f(1 + (exp2f(confidence) - 1) * unit / servingUnit)
  }
}
