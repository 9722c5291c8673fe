/// Item-item neighbours from who took both, with a normalisation of its own for the item at hand, the users and
/// the candidate:
///
///     P(i, j) = (D_i + s)^−a · Σ_u r_ui D_u^−b r_uj · (D_j + s)^−c
///
/// with D the sums of the pairs' confidences and s the shrinkage. b = 0, a = c = ½ is the cosine of Deshpande
/// and Karypis ("Item-based top-N recommendation algorithms", ACM TOIS 2004, who also normalise users);
/// b = 1, a = c = ½ is the first-order graph filter of Shen et al. ("How powerful is graph convolution for
/// recommendation?", CIKM 2021); a ≠ c is the asymmetric cosine of Aiolli ("Efficient top-N recommendation
/// for very large scale binary rated datasets", RecSys 2013).
package struct ItemFilterTrainer: Sendable {
  /// a: how much a frequent item of the history counts less.
  package var sourceExponent = 0.5
  /// b: how much the pairs of a user with a long history count less.
  package var userExponent = 0.5
  /// c: how much a frequent candidate counts less.
  package var targetExponent = 0.5
  /// s, in confidences: pulls down items with little evidence.
  package var shrinkage = 0.0
  /// Neighbours kept for each item.
  package var neighbours: Int
  /// Users with more pairs are left out: they cost their square and, taking everything, say nothing of what
  /// goes with what.
  package var pairsMax = 8192

  package init(neighbours: Int) { self.neighbours = neighbours }

  /// Σ_u |u|² additions, the rows in parallel. Memory: `bytes`.
  ///
  /// - Parameter pairs: users by items, confidences above zero; decay by age belongs into them.
  package func train(
    _ pairs: PairMatrix, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    let degrees = DegreePowers(pairs)
    let source = DegreePowers.inverse(degrees.columns, exponent: sourceExponent, shrinkage: shrinkage)
    let target = DegreePowers.inverse(degrees.columns, exponent: targetExponent, shrinkage: shrinkage)
    var user = DegreePowers.inverse(degrees.rows, exponent: userExponent)
    for row in 0..<pairs.rowCount where pairs.pairs(of: row).count > pairsMax { user[row] = 0 }
    let userFactor = user
    let byItem = pairs.transposed()
    return .build(
      count: pairs.columnCount, width: neighbours, pool: pool, progress: progress,
      fill: { item, accumulator in
        for taker in byItem.pairs(of: item) {
          let row = Int(byItem.columns[taker])
          let weight = Double(byItem.confidences[taker]) * Double(userFactor[row])
          if weight == 0 { continue }
          for pair in pairs.pairs(of: row) where Int(pairs.columns[pair]) != item {
            accumulator.add(pairs.columns[pair], weight * Double(pairs.confidences[pair]))
          }
        }
      },
      score: { item, candidate, value in value * Double(source[item]) * Double(target[candidate]) })
  }

  /// Peak bytes beyond the pairs: their transpose, the table with one full row for every item and its compact
  /// copy, one accumulator and one list for each thread.
  package static func bytes(pairs: Int, users: Int, items: Int, neighbours: Int, threads: Int) -> UInt64 {
    let (p, u, n) = (UInt64(pairs), UInt64(users), UInt64(items))
    let table = 8 * UInt64(neighbours) * n
    return 8 * p + 12 * u + 40 * n + 2 * table + UInt64(threads) * (13 * n + 16 * UInt64(neighbours))
  }
}
