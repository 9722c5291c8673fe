import Glibc

/// Ranks by the users most like the one who asks: the mean of r_vj over the k nearest users v, weighted with
/// sim(u, v)^q (Herlocker,
/// Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative filtering", SIGIR 1999;
/// powers of the similarity and normalised vectors after Aiolli, RecSys 2013).
///
/// Similarity is the cosine of the users' vectors after each item was divided by its degree to
/// `itemExponent`, so that sharing what everybody has counts less. Nothing is trained but an index; a live user
/// is compared by its current pairs.
package struct UserNeighbourRanker: Ranker {
  package struct Settings: Sendable, Hashable {
    /// k.
    package var neighbours = 150
    /// Degree of an item to this power divides its share in the similarity.
    package var itemExponent = 0.5
    /// q.
    package var similarityExponent = 1.0
    /// Confidences added to both norms: pulls down likeness on little evidence.
    package var shrinkage = 0.0
    /// How much frequent candidates count less.
    package var targetExponent = 0.0
    package init() {}
  }

  private let settings: Settings
  private let pairs: PairMatrix
  private let byItem: PairMatrix
  private let norms: [Float]
  private let itemWeight: [Float]
  private let targetWeight: [Float]

  /// O(pairs).
  package init(_ pairs: PairMatrix, settings: Settings) {
    self.settings = settings
    self.pairs = pairs
    byItem = pairs.transposed()
    let degrees = DegreePowers(pairs)
    let weight = DegreePowers.inverse(degrees.columns, exponent: settings.itemExponent)
    itemWeight = weight
    targetWeight = DegreePowers.inverse(degrees.columns, exponent: settings.targetExponent)
    norms = (0..<pairs.rowCount).map { user in
      let square = pairs.pairs(of: user).reduce(Float(0)) {
        let value = pairs.confidences[$1]
        return $0 + value * value * weight[Int(pairs.columns[$1])]
      }
      return (square + Float(settings.shrinkage)).squareRoot()
    }
  }

  package var itemCount: Int { pairs.columnCount }

  package struct Scratch: Sendable {
    let likeness: RowAccumulator
    let nearest: TopList
    let rows: SharedArray<UInt32>
    let scores: SharedArray<Float>
  }

  package func makeScratch() -> Scratch {
    Scratch(
      likeness: RowAccumulator(count: pairs.rowCount), nearest: TopList(width: settings.neighbours),
      rows: SharedArray(repeating: 0, count: settings.neighbours),
      scores: SharedArray(repeating: 0, count: settings.neighbours))
  }

  /// O(Σ over the history of the items' degrees + k · history) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    let count = itemCount
    output.update(repeating: 0, count: queries.count * count)
    for (index, query) in queries.enumerated() {
      let scores = output + index * count
      let found = nearest(query, scratch)
      var total: Float = 0
      for place in 0..<found {
        scratch.scores[place] = Float(pow(Double(scratch.scores[place]), settings.similarityExponent))
        total += scratch.scores[place]
      }
      for place in 0..<found where total > 0 {
        let user = Int(scratch.rows[place])
        let weight = scratch.scores[place] / total
        for pair in pairs.pairs(of: user) {
          let item = Int(pairs.columns[pair])
          scores[item] += weight * pairs.confidences[pair] * targetWeight[item]
        }
      }
    }
  }

  /// Fills the scratch with the nearest users, the asking one left out, and returns how many.
  private func nearest(_ query: Query, _ scratch: Scratch) -> Int {
    var square: Float = Float(settings.shrinkage)
    for place in query.pairItems.indices {
      let item = Int(query.pairItems[place])
      let value = query.pairConfidences[place]
      square += value * value * itemWeight[item]
      for taker in byItem.pairs(of: item) {
        scratch.likeness.add(
          byItem.columns[taker], Double(value * itemWeight[item] * byItem.confidences[taker]))
      }
    }
    if square <= 0 { return 0 }
    for user in scratch.likeness.touched where query.user != Int(user) && norms[Int(user)] > 0 {
      scratch.nearest.offer(
        user, Float(scratch.likeness.value(of: user)) / (square.squareRoot() * norms[Int(user)]))
    }
    scratch.likeness.clear()
    let found = scratch.nearest.count
    scratch.nearest.drain(rows: scratch.rows.pointer, scores: scratch.scores.pointer)
    return found
  }

  /// Bytes of the index and of the scratch of so many threads.
  package static func bytes(pairs: Int, users: Int, items: Int, threads: Int) -> UInt64 {
    let (p, u, n) = (UInt64(pairs), UInt64(users), UInt64(items))
    return 8 * p + 12 * u + 16 * n + UInt64(threads) * 13 * u
  }
}
