import LiveState
import Vocabulary

/// What no reply may hold, for one request. Sources ask before they spend width on an item, so that a list is full
/// however much is forbidden; the drop step asks again for every candidate and has the last word.
package enum Rules {
  /// Whether most items may be forbidden, so that sources had better ask before they compare.
  @inline(__always)
  static func letFewPass(_ scratch: ReadScratch) -> Bool {
    scratch.rules.hasFilters || scratch.query.purpose == .rank || scratch.query.answersBundles
  }

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

/// The same verdicts, for loops over many items: what they need most is reached for once. Valid until the next mark.
struct RuleBook {
  private let context: ReadContext
  private let scratch: ReadScratch
  private let catalogue: Catalogue
  private let marks: MarkTable.Notes
  /// Whether nothing but the catalogue and the marks forbids a plain item.
  private let isShort: Bool

  init(_ context: ReadContext, _ scratch: ReadScratch) {
    self.context = context
    self.scratch = scratch
    catalogue = context.catalogue
    marks = scratch.marks.notes
    isShort = !Rules.letFewPass(scratch)
  }

  /// Whether `Rules.verdict` is nil.
  @inline(__always)
  func allows(_ item: ItemIndex) -> Bool {
    if isShort, catalogue.contains(item), marks[item] == nil, catalogue.isPlain(item) { return true }
    return Rules.verdict(item, context, scratch) == nil
  }
}
