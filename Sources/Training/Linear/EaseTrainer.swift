/// EASE: the linear item model with a zero diagonal in closed form (Steck, "Embarrassingly shallow
/// autoencoders for sparse data", WWW 2019). With P = (Rᵀ D_u^−b R + λ I)^−1 the weights are
/// B(i, j) = −P(i, j) / P(j, j), B(i, i) = 0.
///
/// The catalogue must allow 4 · items² bytes; `LinearFilter` is its relative for larger ones.
package struct EaseTrainer: Sendable {
  /// λ, in confidences squared.
  package var regularisation: Double
  /// b: 0 is the paper; above it users with a long history count less.
  package var userExponent = 0.0

  package init(regularisation: Double) { self.regularisation = regularisation }

  /// The default λ: three and a half times the mean number of pairs of an item, at least 20. On MovieLens-1M
  /// (268 pairs an item) about 1000 is best, on Gowalla (27) about 80.
  package static func regularisation(pairs: Int, items: Int) -> Double {
    max(20, 3.5 * Double(pairs) / Double(max(1, items)))
  }

  /// items³ multiplications and Σ_u |u|² additions. Memory: `bytes`.
  ///
  /// - Returns: nil if the matrix could not be inverted: λ is too small for single precision.
  package func train(
    _ pairs: PairMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> DenseItemModel? {
    let n = pairs.columnCount
    let gram = SharedArray<Float>(repeating: 0, count: n * n)
    let user = DegreePowers.inverse(DegreePowers(pairs).rows, exponent: userExponent)
    let byItem = pairs.transposed()
    let chunkRows = 16
    let lambda = Float(regularisation)
    pool.run(tasks: ShardPass.chunks(of: n, size: chunkRows)) { _, chunk in
      for item in (chunk * chunkRows)..<min(n, (chunk + 1) * chunkRows) {
        let line = gram.pointer + item * n
        for taker in byItem.pairs(of: item) {
          let row = Int(byItem.columns[taker])
          let weight = byItem.confidences[taker] * user[row]
          for pair in pairs.pairs(of: row) {
            let other = Int(pairs.columns[pair])
            // Columns ascend and only the lower triangle is read.
            if other > item { break }
            line[other] += weight * pairs.confidences[pair]
          }
        }
        line[item] += lambda
      }
    }
    guard SymmetricInverse.invert(gram, count: n, pool: pool, progress: progress) else { return nil }
    let diagonal = (0..<n).map { -1 / gram[$0 * n + $0] }
    pool.run(tasks: ShardPass.chunks(of: n, size: chunkRows)) { _, chunk in
      for item in (chunk * chunkRows)..<min(n, (chunk + 1) * chunkRows) {
        let line = gram.pointer + item * n
        for other in 0..<n { line[other] *= diagonal[other] }
        line[item] = 0
      }
    }
    return DenseItemModel(itemCount: n, weights: gram)
  }

  /// Peak bytes beyond the pairs.
  package static func bytes(pairs: Int, users: Int, items: Int) -> UInt64 {
    let n = UInt64(items)
    return 8 * UInt64(pairs) + 20 * UInt64(users) + 20 * n + 4 * n * n + SymmetricInverse.bytes(items)
  }

  /// Whether a catalogue of this size fits into so much memory.
  package static func fits(pairs: Int, users: Int, items: Int, memoryLimit: UInt64) -> Bool {
    // items² overflows only far beyond what any limit allows.
    items <= 1 << 20 && bytes(pairs: pairs, users: users, items: items) <= memoryLimit
  }
}
