/// What a model may know of one user at the moment it is asked.
///
/// The memory belongs to the caller and is valid during the call.
package struct Query {
  /// The user's number in the training data, nil for one it never saw.
  package let user: Int?
  /// Items of the positive events, oldest first, repeats included.
  package let history: UnsafeBufferPointer<UInt32>
  /// Distinct items with their confidences.
  package let pairItems: UnsafeBufferPointer<UInt32>
  package let pairConfidences: UnsafeBufferPointer<Float>

  package init(
    user: Int?, history: UnsafeBufferPointer<UInt32>, pairItems: UnsafeBufferPointer<UInt32>,
    pairConfidences: UnsafeBufferPointer<Float>
  ) {
    self.user = user
    self.history = history
    self.pairItems = pairItems
    self.pairConfidences = pairConfidences
  }
}

/// A model that can score all items for a query. The trainer's evaluation and evaluation on files use the same
/// models through it.
package protocol Ranker: Sendable {
  /// Memory of one worker; made once, used for many calls.
  associatedtype Scratch: Sendable
  var itemCount: Int { get }
  func makeScratch() -> Scratch
  /// Writes the score of every item for every query: `scores[q * itemCount + item]`. Higher is better; items
  /// it has nothing to say about get 0.
  func score(_ queries: [Query], into scores: UnsafeMutablePointer<Float>, scratch: Scratch)
}

/// Ranks by fixed scores: popularity.
package struct FixedRanker: Ranker {
  private let scores: [Float]

  package init(scores: [Float]) { self.scores = scores }

  package var itemCount: Int { scores.count }
  package func makeScratch() {}

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    scores.withUnsafeBufferPointer { scores in
      guard let source = scores.baseAddress else { return }
      for query in queries.indices {
        (output + query * scores.count).update(from: source, count: scores.count)
      }
    }
  }
}

/// Ranks by an item-item table: the sum over the newest distinct items of the history of
/// decay^age · score(item, candidate).
package struct NeighbourRanker: Ranker {
  private let table: NeighbourTable
  private let recentItems: Int
  private let decay: Float

  package init(_ table: NeighbourTable, recentItems: Int, decay: Double) {
    self.table = table
    self.recentItems = recentItems
    self.decay = Float(decay)
  }

  package var itemCount: Int { table.itemCount }
  package func makeScratch() {}

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      scores.update(repeating: 0, count: itemCount)
      var weight: Float = 1
      var used: [UInt32] = []
      for item in query.history.reversed() where !used.contains(item) {
        for place in table.neighbours(of: Int(item)) {
          scores[Int(table.rows[place])] += weight * table.scores[place]
        }
        used.append(item)
        if used.count == recentItems { break }
        weight *= decay
      }
    }
  }
}
