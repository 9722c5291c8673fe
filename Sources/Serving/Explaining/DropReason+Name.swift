import Vocabulary

extension DropReason {
  /// The rule's name in replies and documents: docs/read-path.md.
  package var name: String {
    switch self {
    case .unpublished: "unpublished"
    case .excluded: "excluded"
    case .queried: "queried"
    case .seen: "seen"
    case .turnedAway: "turned_away"
    case .own: "own"
    case .unshowable: "unshowable"
    case .notAsked: "not_asked"
    case .filtered: "filtered"
    case .tired: "tired"
    case .elsewhere: "elsewhere"
    case .noBundle: "no_bundle"
    }
  }
}

extension ReadScratch {
  /// Counts by rule, those that are not zero. - Parameter counts: by the rule's raw value.
  func dropCounts(_ counts: [Int]) -> [DropCount] {
    DropReason.allCases.compactMap { reason in
      let count = counts[Int(reason.rawValue)]
      return count > 0 ? DropCount(rule: reason.name, count: UInt64(clamping: count)) : nil
    }
  }

  /// What rules kept out of the list: what the request forbids by name, and candidates struck out for other reasons.
  func keptOut() -> [DropCount] {
    var counts = dropped
    for value in marks.marked {
      let item = ItemIndex(value)
      guard let reason = marks[item] else { continue }
      // A candidate struck out by its mark is counted already.
      let isStruck = candidates.number(of: item).map { candidates.verdicts[$0] == reason } ?? false
      if !isStruck { counts[Int(reason.rawValue)] += 1 }
    }
    return dropCounts(counts)
  }

  /// What of the whole catalogue this request may not show, by rule; for large catalogues only what it forbids by name.
  /// O(items).
  func forbiddenCounts(_ context: ReadContext) -> [DropCount] {
    guard context.catalogue.count <= Limits.explainedCatalogueMax else { return keptOut() }
    var counts = [Int](repeating: 0, count: dropped.count)
    for value in 0..<context.catalogue.count {
      let item = ItemIndex(UInt32(truncatingIfNeeded: value))
      if let reason = Rules.verdict(item, context, self) { counts[Int(reason.rawValue)] += 1 }
    }
    return dropCounts(counts)
  }
}
