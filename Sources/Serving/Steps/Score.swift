import LiveState
import Vocabulary

/// Score: one number for each allowed candidate, and the best of them in order.
///
/// Reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009): Σ_g weight_g / (C + rank_g). Ranks and not scores,
/// because the scores of different sources have no common scale. Where the generation has trees, `TreeScore` gives
/// the best of these their final order; `ObjectiveScore` multiplies in what a scenario is for. May not drop: what leaves the list here leaves
/// it only because others are better.
package enum Score {
  /// In `Complete`, a habit only tips the balance between items that go with the basket; without one it would put
  /// the same favourites on top of every basket.
  package static let repeatShareInComplete = 0.25

  /// Writes `scores` of the candidates and `order`. O(sources × candidates).
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    let pool = Spread.poolSize(context, scratch)
    let ranked = min(scratch.candidates.fillStart, scratch.candidates.count)
    for source in SourceKind.allCases {
      scratch.weights[Int(source.rawValue)] = weight(of: source, context, scratch)
    }
    scratch.candidates.fuse(scratch.weights, constant: context.settings.fusionConstant, end: ranked)

    if scratch.query.purpose == .similar { TasteScore.add(ranked: ranked, context, scratch) }
    if let model = TreeScore.trees(context, scratch) {
      // Fusion's order is there already: what trees would add is the first thing to do without.
      if scratch.isLate(.score, context) {
        scratch.degrade(.score)
      } else {
        TreeScore.run(model, ranked: ranked, context, scratch)
      }
    }
    applyRules(ranked: ranked, context, scratch)
    ObjectiveScore.run(ranked: ranked, context, scratch)
    scratch.ranking.begin(pool)
    for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
      // Most are far from the best few, and need no tie.
      guard scratch.candidates.scores[number] >= scratch.ranking.floor else { continue }
      scratch.ranking.insert(entry(number, scratch))
    }
    scratch.ranking.sort()
    for entry in scratch.ranking.entries { scratch.order.append(Int32(truncatingIfNeeded: entry.number)) }

    // Fillers keep the order in which they were found and score nothing: no source spoke for them here.
    for number in ranked..<scratch.candidates.count where scratch.candidates.verdicts[number] == nil {
      guard scratch.order.count < pool else { return }
      scratch.order.append(Int32(truncatingIfNeeded: number))
    }
  }

  /// A scored candidate as the list is ordered by.
  @inline(__always)
  static func entry(_ number: Int, _ scratch: ReadScratch) -> Ranking.Entry {
    let item = UInt64(scratch.candidates.items[number].value)
    // The seed decides between equals, the same way every time.
    let tie = StableHash.mix(scratch.query.seed ^ StableHash.mix(item &+ 1))
    return Ranking.Entry(
      score: scratch.candidates.scores[number], tie: tie, number: UInt32(truncatingIfNeeded: number))
  }

  /// A source's weight in this request; never negative.
  package static func weight(of source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch) -> Double
  {
    let weight = max(context.settings.sourceWeights[source] ?? 0, 0)
    let isTipping = source == .repeats && scratch.query.purpose == .complete
    return isTipping ? weight * repeatShareInComplete : weight
  }
}
