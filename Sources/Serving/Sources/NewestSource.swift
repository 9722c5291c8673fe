import LiveState
import Vocabulary

/// The newest items; when filling, the rest of the catalogue behind them, so that every allowed item is reached.
///
/// The score is one over the rank: age is not comparable between items with and without a creation time.
enum NewestSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let newest = context.catalogue.newest
    ListSource.offer(first: width, of: newest.count, as: .newest, context, scratch) { place, rank in
      (newest[newest.startIndex + place], 1 / Float(rank))
    }
  }

  /// O(items) when hardly anything is allowed.
  static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    var rank = 0
    for item in context.catalogue.newest {
      guard ListSource.isShort(scratch) else { return }
      if ListSource.offer(item, .newest, after: rank, score: 1 / Float(rank + 1), context, scratch) {
        rank += 1
      }
    }
    var number = context.catalogue.count
    while number > 0, ListSource.isShort(scratch) {
      number -= 1
      let item = ItemIndex(UInt32(truncatingIfNeeded: number))
      guard !scratch.candidates.contains(item) else { continue }
      if ListSource.offer(item, .newest, after: rank, score: 1 / Float(rank + 1), context, scratch) {
        rank += 1
      }
    }
  }
}
