import LiveState
import Vocabulary

/// Drop: strike out every candidate that a reply may not hold.
///
/// The last word on `Rules`: whatever a source offered, nothing forbidden passes. May not reorder, rescore or add.
package enum Drop {
  /// O(candidates).
  package static func run(_ context: ReadContext, _ scratch: ReadScratch) {
    for number in 0..<scratch.candidates.count {
      guard let reason = Rules.verdict(scratch.candidates.items[number], context, scratch) else { continue }
      scratch.candidates.verdicts[number] = reason
      scratch.dropped[Int(reason.rawValue)] += 1
    }
  }
}
