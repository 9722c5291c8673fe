import LiveState
import Vocabulary

extension Look {
  /// Notes what was shown too often in vain: `impressions` times within `days` before the request, all of them after the
  /// user's newest positive event with the item. Left out where the scenario's factor is 0, else scored less.
  ///
  /// Counted among the newest `Limits.impressionsMax` impressions. O(impressions + items), and the product of
  /// the two for items with both.
  static func markTired(_ context: ReadContext, _ scratch: ReadScratch) {
    let fatigue = context.settings.fatigue
    guard fatigue.impressions > 0, let user = scratch.query.user, !user.impressions.isEmpty else { return }
    let since = scratch.query.seconds - Int64(fatigue.days * 86_400)
    scratch.shown.begin(context.catalogue.count)
    for impression in user.impressions
    where Int64(impression.seconds) > since && context.catalogue.contains(impression.item) {
      scratch.shown.add(impression.item.value, 1)
    }
    for item in user.items where item.count > 0 && context.catalogue.contains(item.item) {
      guard scratch.shown.sum(Int(item.item.value)) > 0 else { continue }
      for impression in user.impressions
      where impression.item == item.item && Int64(impression.seconds) > since
        && impression.seconds <= item.seconds
      {
        scratch.shown.add(item.item.value, -1)
      }
    }
    scratch.tired.begin(context.catalogue.count)
    let isLeftOut = fatigue.factor == 0
    let (shown, times) = scratch.shown.positives()
    for (place, value) in shown.enumerated() where times[place] >= Float(fatigue.impressions) {
      if isLeftOut {
        scratch.marks.mark(ItemIndex(value), .tired)
      } else if scratch.tired.mark(ItemIndex(value), .tired) {
        scratch.hasTired = true
      }
    }
  }
}
