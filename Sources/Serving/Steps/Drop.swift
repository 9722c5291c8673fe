import LiveState
import Vocabulary

/// Drop: strike out every candidate that a reply may not hold.
///
/// The last word on `Rules`: whatever a source offered, nothing forbidden passes. May not reorder, rescore or add.
package enum Drop {
  /// O(candidates).
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    let book = RuleBook(context, scratch)
    let items = scratch.candidates.items
    for number in items.indices where !book.allows(items[number]) {
      guard let reason = Rules.verdict(items[number], context, scratch) else { continue }
      scratch.candidates.verdicts[number] = reason
      scratch.dropped[Int(reason.rawValue)] += 1
    }
  }
}
