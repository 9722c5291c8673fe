import LiveState
import Vocabulary

/// What no reply may hold, for one request. Sources ask before they spend width on an item, so that a list is full
/// however much is forbidden; the drop step asks again for every candidate and has the last word.
package enum Rules {
  /// Why the item is forbidden, or nil. O(1), allocates nothing.
  @inline(__always)
  package static func verdict(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> DropReason?
  {
    guard context.catalogue.contains(item) else { return .unpublished }
    if scratch.query.purpose == .rank, scratch.asked[item] == nil { return .notAsked }
    if let reason = scratch.marks[item] { return reason }
    if scratch.query.answersBundles, !BundleRules.allows(item, context, scratch) { return .noBundle }
    if !context.catalogue.isPlain(item) {
      guard context.catalogue.isShowable(item, at: scratch.query.seconds) else { return .unshowable }
      if let asker = scratch.query.asker, context.catalogue.isOffered(item, by: asker) { return .own }
    }
    if scratch.rules.hasFilters, !scratch.rules.passes(item, context.catalogue) { return .filtered }
    return nil
  }
}
