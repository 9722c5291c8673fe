import LiveState
import Models
import Vocabulary

/// What the two item-to-item sources share: the decayed sum of the neighbours of the starting points,
///
///     score(j) = Σ_s weight(s) · neighbour(s, j)
enum NeighbourSource {
  /// O(starts × neighbours).
  static func gather(
    _ model: NeighbourModel, _ source: SourceKind, _ width: Int, _ view: GenerationView,
    _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    guard !scratch.starts.isEmpty else { return }
    scratch.sums.begin(view.generation.itemCount)
    for start in scratch.starts {
      let (rows, scores) = model.neighbours(of: start.row)
      scratch.sums.add(rows, scores, weight: start.weight)
    }
    offerSums(as: source, width, view, context, scratch)
  }

  /// Offers the best `width` allowed rows of `sums` with a sum above zero. O(rows touched · log width).
  static func offerSums(
    as source: SourceKind, _ width: Int, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    scratch.ranking.begin(width)
    var floor = -Float.infinity
    scratch.sums.forEachAbove(floor) { row, score in
      guard let item = view.index(ofRow: Int(row)) else { return floor }
      let entry = Ranking.Entry(score: Double(score), tie: UInt64(item.value), number: item.value)
      guard scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else { return floor }
      scratch.ranking.insert(entry)
      // Every score was a float, so this is exact.
      floor = Float(scratch.ranking.floor)
      return floor
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: source)
  }
}
