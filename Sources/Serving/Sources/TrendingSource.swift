import LiveState
import Vocabulary

/// Decayed counts of live events; needs no generation.
enum TrendingSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let list = context.trending
    let count = min(list.items.count, list.scores.count)
    ListSource.offer(first: width, of: count, as: .trending, context, scratch) { place, _ in
      (list.items[place], list.scores[place])
    }
  }

  /// O(list + forbidden).
  static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    let list = context.trending
    var rank = 0
    for place in 0..<min(list.items.count, list.scores.count) {
      guard ListSource.isShort(scratch) else { return }
      let (item, score) = (list.items[place], list.scores[place])
      if ListSource.offer(item, .trending, after: rank, score: score, context, scratch) { rank += 1 }
    }
  }
}
