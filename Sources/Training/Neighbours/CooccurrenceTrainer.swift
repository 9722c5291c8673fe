import Glibc
import Vocabulary

/// Items that go into the same basket.
///
/// With n(i) baskets that hold i, n(i, j) that hold both and N in all, the score is either the shrunk cosine
/// n(i, j) / √((n(i) + s)(n(j) + s)) or the positive pointwise mutual information
/// max(0, log(n(i, j) N / (n(i) n(j)))) · n(i, j) / (n(i, j) + s) (Bouma, "Normalized (pointwise) mutual
/// information in collocation extraction", 2009; shrinkage as in Bell and Koren 2007).
package struct CooccurrenceTrainer: Sendable {
  package enum Measure: String, Sendable, Hashable {
    case cosine
    case mutualInformation
  }

  package var measure = Measure.cosine
  package var shrinkage = 10.0
  /// Baskets that must hold both; below it a pair is an accident.
  package var pairsMin = 2.0
  package var neighbours: Int

  package init(neighbours: Int) { self.neighbours = neighbours }

  /// O(sum of squared basket sizes).
  package func train(
    _ data: Interactions, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    let baskets = Baskets(data)
    let total = Double(baskets.count)
    let holding = (0..<data.itemCount).map { Double(baskets.holding(item: $0).count) }
    return .build(
      count: data.itemCount, width: neighbours, pool: pool, progress: progress,
      fill: { row, accumulator in
        for index in baskets.holding(item: row) {
          for place in baskets.places(of: Int(baskets.basketOfHolding[index])) {
            let other = baskets.items[place]
            if Int(other) != row { accumulator.add(other, 1) }
          }
        }
      },
      score: { row, column, value in
        if value < pairsMin { return 0 }
        switch measure {
        case .cosine:
          return value / ((holding[row] + shrinkage) * (holding[column] + shrinkage)).squareRoot()
        case .mutualInformation:
          let information = log(value * total / (holding[row] * holding[column]))
          return max(0, information) * value / (value + shrinkage)
        }
      })
  }
}
