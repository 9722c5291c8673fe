import Glibc
import LiveState
import Vocabulary

/// What the user had before, by decayed frequency. Only where seen items may be shown; needs no generation.
package enum RepeatSource {
  /// Days after which one contact counts half. A month: consumables come back within weeks, and what was not
  /// touched for a season is no habit.
  package static let halfLifeSeconds = 30 * 86_400.0

  /// Ages run from the user's own newest contact, not from the clock, so that the same state gives the same list.
  /// O(user's items).
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard scratch.query.allowsSeen, let user = scratch.query.user else { return }
    var newest: UInt32 = 0
    for item in user.items { newest = max(newest, item.seconds) }
    scratch.ranking.begin(width)
    for item in user.items where item.count > 0 && Look.weight(of: item, scratch) > 0 {
      let age = Double(newest - item.seconds)
      let entry = Ranking.Entry(
        score: Double(item.count) * exp2(-age / halfLifeSeconds), tie: UInt64(item.item.value),
        number: item.item.value)
      guard scratch.ranking.accepts(entry), Rules.verdict(item.item, context, scratch) == nil else {
        continue
      }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .repeats)
  }
}

extension ReadScratch {
  /// Offers what the ranking holds, item indices as numbers, best first.
  func offerRanking(as source: SourceKind) {
    for (place, entry) in ranking.entries.enumerated() {
      candidates.offer(ItemIndex(entry.number), source, rank: place + 1, score: Float(entry.score))
    }
  }
}
