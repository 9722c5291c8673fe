import LiveState
import Models
import Vocabulary

/// The user's part of the score in `Similar`: the same candidates, ranked once more by what this user would like.
///
///     score(i) += τ · (w_ials / (C + rank_ials(i)) + w_linear / (C + rank_linear(i)))
///
/// Ranks count among the candidates, by the user's iALS vector and by the linear model over the whole history; w are the
/// weights of the sources, τ is `similarTaste`. No item comes in that does not resemble the one asked about.
enum TasteScore {
  /// Allocates nothing once warm. O(candidates · dimensions + history · neighbours).
  static func add(ranked: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let taste = context.settings.similarTaste
    guard taste > 0, !scratch.taste.rows.isEmpty, let view = context.view else { return }
    let ials = taste * Score.weight(of: .ials, context, scratch)
    if ials > 0, let model = view.generation.factors {
      let memory = scratch.factorScratch(for: model)
      if FactorSource.solve(model, memory, scratch) {
        scratch.ranking.begin(ranked)
        for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
          guard let row = view.row(of: scratch.candidates.items[number]) else { continue }
          insert(memory.score(of: row, model), number, scratch)
        }
        addRanks(ials, .ials, context, scratch)
      }
    }
    let linear = taste * Score.weight(of: .linear, context, scratch)
    if linear > 0, let model = view.generation.linear {
      scratch.sums.begin(view.generation.itemCount)
      scratch.taste.rows.withUnsafeBufferPointer { scratch.sums.add(model.lists, $0) }
      scratch.ranking.begin(ranked)
      for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
        guard let row = view.row(of: scratch.candidates.items[number]) else { continue }
        insert(scratch.sums.sum(row), number, scratch)
      }
      addRanks(linear, .linear, context, scratch)
    }
  }

  private static func insert(_ score: Float, _ number: Int, _ scratch: ReadScratch) {
    guard score > 0 else { return }
    scratch.ranking.insert(
      Ranking.Entry(
        score: Double(score), tie: UInt64(scratch.candidates.items[number].value),
        number: UInt32(truncatingIfNeeded: number)))
  }

  private static func addRanks(
    _ weight: Double, _ source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    scratch.ranking.sort()
    for (place, entry) in scratch.ranking.entries.enumerated() {
      let share = weight / (context.settings.fusionConstant + Double(place + 1))
      scratch.candidates.scores[Int(entry.number)] += share
      if scratch.query.explain == .full {
        scratch.tasteShares.append(TasteShare(number: entry.number, source: source, value: share))
      }
    }
  }
}

/// What one model of the user's taste added to the score of a candidate.
struct TasteShare {
  var number: UInt32
  var source: SourceKind
  var value: Double
}
