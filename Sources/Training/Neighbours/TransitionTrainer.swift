import Vocabulary

/// Decayed, directed item-to-item transitions within a window of each user's history.
///
/// For an item i followed by j with a gap of g steps, g ≤ window, T(i, j) grows by 1/g; T(j, i) grows by
/// `backwardWeight`/g. The score is T(i, j) / √((r(i) + s)(c(j) + s)) with row sums r, column sums c and
/// shrinkage s. Such counts with decay are close to the best published sequence models (Ludewig, Mauro, Latifi
/// and Jannach, "Empirical analysis of session-based recommendation algorithms", UMUAI 2020).
package struct TransitionTrainer: Sendable {
  /// Steps looked back and ahead.
  package var window: Int
  package var backwardWeight = 0.5
  package var shrinkage = 5.0
  /// Age at which a transition counts half; nil means all ages count alike.
  package var halfLifeDays: Double?
  /// Whether events at the very same time count as having happened in the order in which they were sent. If
  /// not they form one step, without transitions among them. The lines of an order stand near related lines:
  /// measured on Online Retail, order of sending is the better signal for items new to the user.
  package var tiesAreOrdered = true
  /// Neighbours kept for each item.
  package var neighbours: Int

  package init(window: Int, neighbours: Int) {
    self.window = window
    self.neighbours = neighbours
  }

  /// O(events · window).
  package func train(
    _ data: Interactions, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    let walk = SequenceWalk(
      data, window: window, backwardWeight: backwardWeight, halfLifeDays: halfLifeDays,
      tiesAreOrdered: tiesAreOrdered)
    // Row sums in the first half, column sums in the second.
    let count = data.itemCount
    let sums = ShardPass.sums(shards: data.shardCount, count: 2 * count, pool: pool) { shard, sums in
      for user in data.users(ofShard: shard) {
        for place in walk.places(of: user) {
          let from = Int(walk.item(at: place))
          walk.forEachTransition(from: place) { to, weight in
            sums[from] += weight
            sums[count + Int(to)] += weight
          }
        }
      }
    }
    let places = walk.placesByItem()
    return .build(
      count: count, width: neighbours, pool: pool, progress: progress,
      fill: { row, accumulator in
        for index in places.start[row]..<places.start[row + 1] {
          walk.forEachTransition(from: Int(places.places[index])) { accumulator.add($0, $1) }
        }
      },
      score: { row, column, value in
        value / ((sums[row] + shrinkage) * (sums[count + column] + shrinkage)).squareRoot()
      })
  }
}
