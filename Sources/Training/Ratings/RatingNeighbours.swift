/// Predicts a rating from what the user gave to similar items: b_ui + Σ_j s_ij (r_uj − b_uj) / (Σ_j s_ij + γ) over the
/// neighbours j of i that the user rated, b being the bias model (Koren, "Factor in the neighbors", ACM TKDD 2010, section
/// 2.2, with the cosine of the deviations as similarity).
package struct RatingNeighbours: Sendable {
  package struct Settings: Sendable, Hashable {
    /// Items kept for each item.
    package var neighbours = 60
    /// Squared deviations added to the product of both norms: pulls down likeness on few ratings.
    package var shrinkage = 30.0
    /// γ: pulls predictions on little likeness to the biases.
    package var caution = 0.1
    package init() {}
  }

  private let bias: BiasModel
  private let settings: Settings
  private let table: NeighbourTable
  /// Ratings less what the biases say.
  private let deviations: RatingMatrix

  /// O(Σ_u ratings of u squared). Memory: 16 · neighbours · items bytes, and the ratings twice.
  package init(
    _ ratings: RatingMatrix, bias: BiasModel, settings: Settings = Settings(), pool: ThreadPool,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) {
    var values = ratings.confidences
    for user in 0..<ratings.rowCount {
      for pair in ratings.pairs(of: user) {
        values[pair] -= Float(bias.predict(user: user, item: Int(ratings.columns[pair])))
      }
    }
    let deviations = RatingMatrix(
      rowStart: ratings.rowStart, columns: ratings.columns, confidences: values,
      columnCount: ratings.columnCount)
    let byItem = deviations.transposed()
    let norms = (0..<ratings.columnCount).map { item in
      byItem.pairs(of: item).reduce(0.0) {
        $0 + Double(byItem.confidences[$1]) * Double(byItem.confidences[$1])
      }.squareRoot()
    }
    table = .build(
      count: ratings.columnCount, width: max(1, min(settings.neighbours, ratings.columnCount)), pool: pool,
      progress: progress,
      fill: { item, accumulator in
        for rater in byItem.pairs(of: item) {
          let own = Double(byItem.confidences[rater])
          for pair in deviations.pairs(of: Int(byItem.columns[rater]))
          where Int(deviations.columns[pair]) != item {
            accumulator.add(deviations.columns[pair], own * Double(deviations.confidences[pair]))
          }
        }
      },
      score: { item, other, value in value / (norms[item] * norms[other] + settings.shrinkage) })
    self.deviations = deviations
    self.bias = bias
    self.settings = settings
  }

  /// Nil stands for a user or item without ratings. O(neighbours + ratings of the user).
  package func predict(user: Int?, item: Int?) -> Double {
    let base = bias.predict(user: user, item: item)
    guard let user, let item else { return base }
    var likeness: [UInt32: Float] = [:]
    for place in table.neighbours(of: item) { likeness[table.rows[place]] = table.scores[place] }
    var (sum, weight) = (0.0, settings.caution)
    for pair in deviations.pairs(of: user) {
      guard let like = likeness[deviations.columns[pair]] else { continue }
      sum += Double(like) * Double(deviations.confidences[pair])
      weight += Double(like)
    }
    return weight > 0 ? base + sum / weight : base
  }
}
