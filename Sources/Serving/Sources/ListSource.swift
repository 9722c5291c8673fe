import LiveState
import Vocabulary

/// What sources that read a ready-made list share.
enum ListSource {
  /// Offers the first `width` allowed items of a list. O(width + forbidden).
  @inline(__always)
  static func offer(
    first width: Int, of count: Int, as source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch,
    _ entry: (_ place: Int, _ rank: Int) -> (item: ItemIndex, score: Float)?
  ) {
    let book = RuleBook(context, scratch)
    var rank = 0
    scratch.candidates.offerMany { table in
      for place in 0..<count where rank < width {
        guard let (item, score) = entry(place, rank + 1), book.allows(item) else { continue }
        rank += 1
        table.offer(item, source, rank: rank, score: score)
      }
    }
  }

  /// Whether filling should go on.
  static func isShort(_ scratch: ReadScratch) -> Bool { scratch.candidates.count < scratch.wanted }

  /// Offers an allowed item under the next rank. Returns whether it was allowed.
  @inline(__always)
  static func offer(
    _ item: ItemIndex, _ source: SourceKind, after rank: Int, score: Float, _ context: ReadContext,
    _ scratch: ReadScratch
  ) -> Bool {
    guard Rules.verdict(item, context, scratch) == nil else { return false }
    // While filling, what is in the list already keeps the opinions that ranked it: this one would not count.
    if scratch.isFilling, scratch.candidates.contains(item) { return true }
    scratch.candidates.offer(item, source, rank: rank + 1, score: score)
    return true
  }
}
