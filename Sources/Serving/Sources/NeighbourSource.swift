import Kernels
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
    addNeighbours(of: scratch.starts, model, view, scratch)
    offerSums(as: source, width, view, context, scratch)
  }

  /// Leaves in `sums` the weighted sum of the neighbours of the starting points. O(starts × neighbours).
  static func addNeighbours(
    of starts: [Start], _ model: NeighbourModel, _ view: GenerationView, _ scratch: ReadScratch
  ) {
    scratch.lists.removeAll(keepingCapacity: true)
    scratch.listWeights.removeAll(keepingCapacity: true)
    for start in starts {
      scratch.lists.append(UInt32(truncatingIfNeeded: start.row))
      scratch.listWeights.append(start.weight)
    }
    scratch.sums.begin(view.generation.itemCount)
    scratch.lists.withUnsafeBufferPointer { lists in
      scratch.listWeights.withUnsafeBufferPointer { scratch.sums.add(model.lists, lists, weights: $0) }
    }
  }

  /// Offers the best `width` allowed rows of `sums` with a sum above zero; of equal ones the lower row is better.
  /// O(rows touched), and what more is looked at where many are forbidden.
  static func offerSums(
    as source: SourceKind, _ width: Int, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    if Rules.letFewPass(scratch) { return offerAllowed(as: source, width, view, context, scratch) }
    // What the request forbids by name lies near the top, since the user chose it.
    for value in scratch.marks.marked {
      if let row = view.row(of: ItemIndex(value)) { scratch.sums.strikeOut(row) }
    }
    let total = scratch.sums.positives().rows.count
    let book = RuleBook(context, scratch)
    // Few are forbidden for other reasons, so a little more is taken than needed.
    var taken = min(total, width + width / 4)
    while true {
      let (rows, sums) = scratch.sums.best(taken)
      var rank = 0
      scratch.candidates.offerMany { table in
        for place in rows.indices where rank < width {
          guard let item = view.index(ofRow: Int(rows[place])), book.allows(item) else { continue }
          rank += 1
          // A second pass repeats the opinions of the first, which the candidates ignore.
          table.offer(item, source, rank: rank, score: sums[place])
        }
      }
      if rank >= width || taken == total { return }
      taken = min(total, taken * 4)
    }
  }

  /// The same where most may be forbidden: each row is asked about before it is compared. O(rows touched · log width).
  private static func offerAllowed(
    as source: SourceKind, _ width: Int, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    let (rows, sums) = scratch.sums.positives()
    scratch.ranking.begin(width)
    for place in rows.indices {
      guard let item = view.index(ofRow: Int(rows[place])) else { continue }
      let entry = Ranking.Entry(
        score: Double(sums[place]), tie: UInt64(rows[place]), number: item.value)
      guard scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else { continue }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: source)
  }
}
