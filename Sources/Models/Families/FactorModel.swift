/// Latent factors of items from implicit-feedback ALS (Hu, Koren and Volinsky 2008; loss and regularisation as in
/// Rendle, Krichene, Zhang and Koren 2022):
///
///     Σ_observed c (1 - ŷ)² + a₀ Σ_all ŷ² + Σ_u λ (|N_u| + a₀ |I|)^ν |u|² + the same for items
package struct FactorModel: Sendable {
  package let itemCount: Int
  package let dimensions: Int
  /// λ.
  package let regularisation: Float
  /// a₀, the weight of every pair, observed or not.
  package let unobservedWeight: Float
  /// ν.
  package let regularisationExponent: Float
  package let parameters: [String: Double]

  /// Factors of one item. REQUIRES: 0 <= row < itemCount.
  package func row(_ row: Int) -> UnsafeBufferPointer<Float> { fatalError() }
  /// VᵀV, dimensions × dimensions, row by row.
  package var gram: UnsafeBufferPointer<Float> { fatalError() }

  /// The user vector for a history: solves (Σ c v vᵀ + a₀ VᵀV + λ(|H| + a₀ n)^ν I) u = Σ c v into
  /// `scratch.vector`. Allocates nothing. O(|H| d² + d³).
  ///
  /// Returns false, with `scratch.vector` zero, when there is no answer: a confidence that is negative enough or
  /// not finite.
  /// REQUIRES: rows.count == confidences.count, all rows < itemCount, scratch.dimensions == dimensions.
  package func foldIn(
    rows: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, into scratch: FoldInScratch
  ) -> Bool { fatalError() }

  /// How much each item of the history of the last `foldIn` adds to the score of `row`: the terms
  /// s_j = vᵀ W v_j c_j, which sum to that score. O(d² + |H| d).
  /// REQUIRES: the last foldIn into `scratch` was by this model with these rows and confidences, and returned true;
  /// contributions.count == rows.count.
  package func contributions(
    to row: Int, rows: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, _ scratch: FoldInScratch,
    into contributions: UnsafeMutableBufferPointer<Float>
  ) { fatalError() }

  /// scores[row] = vector · factors of row, for all rows. O(n d), bound by memory bandwidth.
  /// REQUIRES: vector.count == dimensions, scores.count == itemCount.
  package func scoreAll(_ vector: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>) {
    fatalError()
  }

  /// The same for some rows: scores[i] belongs to rows[i], bit for bit what scoreAll gives.
  package func score(
    _ vector: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UInt32>,
    into scores: UnsafeMutableBufferPointer<Float>
  ) { fatalError() }
}

/// Memory for `FactorModel.foldIn`, owned by the caller and reused. Not sendable: one for each thread.
package final class FoldInScratch {
  package let dimensions: Int
  /// The user vector of the last fold-in.
  package var vector: UnsafeBufferPointer<Float> { fatalError() }

  package init(dimensions: Int) { fatalError() }
}
