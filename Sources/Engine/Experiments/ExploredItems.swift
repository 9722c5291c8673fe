import Estimating
import Vocabulary

/// What exploration learned of items: the click rate each would have if it always stood where chance put it.
enum ExploredItems {
  /// Those shown most first, at most `Limits.itemEstimatesMax`. O(remembered lists).
  static func estimates(
    _ ledger: FeedbackLedger, of tenant: TenantName, _ estimator: OffPolicyEstimator
  ) -> [ItemEstimate] {
    struct Key: Hashable {
      var item: ItemIdentifier
      var scenario: String
    }
    var choices: [Key: [LoggedChoice]] = [:]
    for list in ledger.remembered where list.key.tenant == tenant {
      for explored in list.explored {
        let isClicked = list.clicked.contains(StableHash.of(explored.item.bytes))
        choices[Key(item: explored.item, scenario: list.key.scenario), default: []].append(
          LoggedChoice(reward: isClicked ? 1 : 0, propensity: Double(explored.propensity), target: 1))
      }
    }
    let order = choices.keys.sorted { left, right in
      let (one, other) = (choices[left]?.count ?? 0, choices[right]?.count ?? 0)
      if one != other { return one > other }
      return left.item == right.item
        ? left.scenario < right.scenario : left.item.bytes.lexicographicallyPrecedes(right.item.bytes)
    }
    return order.prefix(Limits.itemEstimatesMax).map { key in
      let own = choices[key] ?? []
      let report = estimator.report(own)
      var row = ItemEstimate(item: key.item.bytes)
      row.scenario = key.scenario
      row.shown = UInt64(own.count)
      row.clicked = own.reduce(0) { $0 + ($1.reward > 0 ? 1 : 0) }
      row.estimate = WeightedRate(report, .snips)
      row.refusal = report.refusal?.rawValue ?? ""
      return row
    }
  }
}

extension WeightedRate {
  /// Nil where the log cannot say.
  init?(_ report: OffPolicyReport, _ method: OffPolicyMethod) {
    guard report.refusal == nil, let estimate = report[method] else { return nil }
    self.init(
      value: estimate.value, standardError: estimate.standardError, effectiveCount: report.support.effective)
  }
}

extension OffPolicyRefusal {
  /// What to tell a person of an arm.
  func words(_ support: OffPolicySupport) -> String {
    switch self {
    case .effectiveSampleTooSmall:
      "No weighted estimate yet: the lists amount to \(Int(support.effective)), it takes \(Int(Limits.effectiveListsMin))."
    case .noSupport: "No weighted estimate: no list of this arm is remembered."
    case .badPropensity: "No weighted estimate: a list has no probability that could be used."
    }
  }
}

extension FeedbackLedger {
  /// The remembered lists of an experiment's arms.
  func observations(of labels: [String], _ tenant: TenantName) -> [ArmObservation] {
    let places = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return remembered.compactMap { list in
      guard list.key.tenant == tenant, let arm = places[list.key.experiment] else { return nil }
      return ArmObservation(
        arm: arm, propensity: list.propensity, group: Int(list.visitor.rawValue),
        reward: list.clicked.isEmpty ? 0 : 1)
    }
  }

  /// Counts of one arm over all generations that answered for it.
  func counts(of label: String, _ tenant: TenantName) -> FeedbackCounts {
    var counts = FeedbackCounts()
    for (key, row) in rows where key.tenant == tenant && key.experiment == label {
      let total = row.report(key, now: .zero, catalogue: 0).total
      counts.add(total)
      // Of several generations, those in most: an estimate from below.
      counts.distinctItems = max(counts.distinctItems, total.distinctItems)
    }
    return counts
  }
}
