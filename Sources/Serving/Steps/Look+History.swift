import LiveState
import Models
import Vocabulary

extension Look {
  /// Forbids what the user turned away from: the newest word on it in the history was to hide or dislike it, or
  /// all words together weigh nothing or less although some were said.
  static func markTurnedAway(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let user = scratch.query.user else { return }
    for event in user.history.reversed() where context.catalogue.contains(event.item) {
      guard context.settings.weights[event.type] != 0, scratch.met.mark(event.item, .seen) else { continue }
      if event.type == .hide || event.type == .dislike { scratch.marks.mark(event.item, .turnedAway) }
    }
    reweigh(user, context, scratch)
    for item in user.items {
      let weight = weight(of: item, scratch)
      // Where a scenario makes all of it weigh nothing, it says nothing; elsewhere good and bad words cancel out.
      let isCancelled = weight == 0 && item.count > 0 && weight == item.weight
      if weight < 0 || isCancelled { scratch.marks.mark(item.item, .turnedAway) }
    }
    // `met` is used again below, for starting points.
    scratch.met.begin(context.catalogue.count)
  }

  /// Forbids what the user has had to do with, as far as it is remembered: all of it, or what is newer than the scenario
  /// says, and nothing that may be repeated.
  static func markSeen(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let user = scratch.query.user else { return }
    let days = context.settings.seen.hideDays
    let since = days > 0 ? scratch.query.seconds - Int64(days * 86_400) : .min
    for item in user.items where Int64(item.seconds) > since && context.catalogue.contains(item.item) {
      if scratch.rules.hasRepeatable, scratch.rules.isRepeatable(item.item, context.catalogue) { continue }
      scratch.marks.mark(item.item, .seen)
    }
  }

  /// Where the scenario weighs events differently from the live state, whose sums of all times have no types: corrects
  /// the sums by what the newest events, which have, would have weighed here. Exact for items all of whose
  /// events are among them.
  private static func reweigh(_ user: UserState, _ context: ReadContext, _ scratch: ReadScratch) {
    let (own, general) = (context.settings.weights, context.tenant.weights)
    guard own != general else { return }
    scratch.differences.begin(context.catalogue.count)
    scratch.reweighs = true
    for event in user.history where context.catalogue.contains(event.item) {
      let difference = own[event.type] - general[event.type]
      if difference != 0 { scratch.differences.add(event.item.value, difference) }
    }
  }

  /// The sum of all weights of an item, in this scenario.
  static func weight(of item: UserItem, _ scratch: ReadScratch) -> Float {
    guard scratch.reweighs else { return item.weight }
    return item.weight + scratch.differences.sum(Int(item.item.value))
  }

  /// Starting points for item-to-item sources: distinct items of positive events, newest first, behind those of
  /// the session. Only items the generation knows count towards `recentItems` and towards age.
  static func startFromHistory(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let user = scratch.query.user else { return }
    for event in user.history.reversed() where context.catalogue.contains(event.item) {
      guard context.settings.weights.isPositive(event.type), scratch.marks[event.item] != .turnedAway,
        scratch.met.mark(event.item, .seen)
      else { continue }
      scratch.query.hasSignal = true
      guard scratch.starts.count < context.settings.recentItems, let view = context.view else { return }
      guard let row = view.row(of: event.item) else { continue }
      addStart(event.item, row: row, age: scratch.starts.count, context, scratch)
    }
    // The history may be full of neutral events while older positive ones are remembered as items.
    if user.items.contains(where: { weight(of: $0, scratch) > 0 }) { scratch.query.hasSignal = true }
  }

  /// The whole past as the models of whole histories take it, iALS, the linear model and like users: the user's items with a positive sum, of too many the most
  /// recently touched, then the session's items, each as one view.
  ///
  /// Confidences are those of training: `Confidence.of`, and where the model was trained so, fading with the age
  /// before the user's own newest item. Items of the session are as new as that.
  static func collectTaste(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view else { return }
    let unit = view.confidenceUnit
    // A session item the user has already is counted with the history, not twice.
    scratch.met.begin(context.catalogue.count)
    if let user = scratch.query.user {
      scratch.ranking.begin(Limits.foldInItemsMax)
      for (number, item) in user.items.enumerated() {
        guard context.catalogue.contains(item.item) else { continue }
        scratch.met.mark(item.item, .seen)
        guard weight(of: item, scratch) > 0, scratch.marks[item.item] != .turnedAway,
          view.row(of: item.item) != nil
        else {
          continue
        }
        scratch.ranking.insert(
          Ranking.Entry(
            score: Double(item.seconds), tie: UInt64(item.item.value),
            number: UInt32(truncatingIfNeeded: number)))
      }
      scratch.ranking.sort()
      let newest = scratch.ranking.entries.first?.score ?? 0
      for entry in scratch.ranking.entries {
        let item = user.items[Int(entry.number)]
        guard let row = view.row(of: item.item) else { continue }
        let confidence = Confidence.of(weight: weight(of: item, scratch), unit: unit)
        scratch.taste.append(
          item.item, row: row, confidence: confidence * view.fading(ageSeconds: newest - entry.score))
      }
    }
    let weight = max(context.settings.weights[.view], 0)
    for start in scratch.starts where scratch.met.mark(start.item, .seen) {
      scratch.taste.append(start.item, row: start.row, confidence: Confidence.of(weight: weight, unit: unit))
    }
  }
}
