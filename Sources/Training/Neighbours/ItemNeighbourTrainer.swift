import Vocabulary

/// Decayed item-kNN with shrinkage: the shrunk cosine of two items over users, each pair of user and item fading
/// with its age and each user's pairs counting less the more of them there are (Deshpande and Karypis, "Item-based
/// top-N recommendation algorithms", ACM TOIS 2004; shrinkage as in Bell and Koren, ICDM 2007; decay as in Ding and
/// Li, CIKM 2005). With `ItemFilterTrainer` as its arithmetic.
///
/// A tuned item-kNN is the baseline that many published models do not beat (Ferrari Dacrema, Cremonesi and Jannach,
/// "Are we really making much progress?", RecSys 2019): it stands beside every model of a hold-out.
package struct ItemNeighbourTrainer: Sendable {
  /// Age at which a pair counts half; nil takes half of the time the events span, so that the oldest of a year
  /// count a quarter and a week of data hardly fades.
  package var halfLifeDays: Double?
  package var shrinkage = 3.0
  /// Neighbours kept for each item.
  package var neighbours: Int

  package init(neighbours: Int) { self.neighbours = neighbours }

  /// How long the half-life is for these data, days; above zero.
  package func halfLife(for data: Interactions) -> Double { halfLifeDays ?? max(1, data.spanDays / 2) }

  /// Σ_u |u|² additions. Memory: `ItemFilterTrainer.bytes` and one more copy of the pairs with their times.
  ///
  /// - Parameter pairs: users by items with confidences, of the same interactions.
  package func train(
    _ data: Interactions, pairs: PairMatrix, pool: ThreadPool,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    var filter = ItemFilterTrainer(neighbours: neighbours)
    filter.shrinkage = shrinkage
    return filter.train(
      data.agedByCalendar(pairs, halfLifeDays: halfLife(for: data)), pool: pool, progress: progress)
  }
}
