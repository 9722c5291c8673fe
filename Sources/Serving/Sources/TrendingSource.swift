import LiveState
import Vocabulary

/// Decayed counts of live events; needs no generation.
enum TrendingSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    walk(context, scratch) { rank in rank < width }
  }

  static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    walk(context, scratch) { _ in ListSource.isShort(scratch) }
  }

  /// O(width + forbidden).
  private static func walk(_ context: ReadContext, _ scratch: ReadScratch, while goesOn: (Int) -> Bool) {
    let list = context.trending
    var rank = 0
    for place in 0..<min(list.items.count, list.scores.count) {
      guard goesOn(rank) else { return }
      let (item, score) = (list.items[place], list.scores[place])
      if ListSource.offer(item, .trending, after: rank, score: score, context, scratch) { rank += 1 }
    }
  }
}
