import Estimating
import Vocabulary

extension Engine {
  /// All intervals of one experiment hold together with this error at most.
  static let experimentAlpha = 0.05
  /// For arms and for explored items.
  static var estimator: OffPolicyEstimator {
    var estimator = OffPolicyEstimator()
    estimator.effectiveMin = Limits.effectiveListsMin
    return estimator
  }

  /// How the arms do, and the items that exploration shows. Blocks for a moment: on the background thread.
  func experiments(of tenant: ServedTenant) -> ExperimentsReply {
    var reply = ExperimentsReply()
    reply.alpha = Self.experimentAlpha
    let pinned = tenant.pinnedNumbers
    let ledger = feedback.ledger(.now)
    reply.items = ExploredItems.estimates(ledger, of: tenant.name, Self.estimator)
    reply.remembered = ledger.remembered.reduce(0) { $0 + ($1.key.tenant == tenant.name ? 1 : 0) }
    for experiment in settings.experiments {
      var report = ExperimentReport(name: experiment.name)
      report.scenario =
        experiment.scenario.isEmpty ? ScenarioName.default.text : experiment.scenario
      report.unit = experiment.unit
      let sum = experiment.arms.reduce(0) { $0 + max(0, $1.share) }
      // Every arm has an interval; a comparison rests on two of them.
      let alpha = Self.experimentAlpha / Double(max(1, experiment.arms.count))
      let labels = experiment.arms.map { experiment.name + "/" + $0.name }
      let estimates = ArmEstimates.reports(
        ledger.observations(of: labels, tenant.name), arms: labels.count, groups: Visitor.allCases.count,
        Self.estimator)
      for (place, arm) in experiment.arms.enumerated() {
        var row = ArmReport(name: arm.name)
        row.share = sum > 0 ? max(0, arm.share) / sum : 0
        row.scenario = arm.scenario
        row.generation = GenerationNumber(arm.generation)
        let counts = ledger.counts(of: labels[place], tenant.name)
        row.counts = counts
        if counts.lists > 0 { row.rate = Double(counts.clickedLists) / Double(counts.lists) }
        let radius = ConfidenceSequence.radius(counts.lists, alpha: alpha)
        row.low = max(0, row.rate - radius)
        row.high = min(1, row.rate + radius)
        let estimated = estimates[place]
        row.estimate = WeightedRate(estimated, .snips)
        row.robust = WeightedRate(estimated, .doublyRobust)
        if let refusal = estimated.refusal {
          row.refusal = refusal.rawValue
          row.note = refusal.words(estimated.support)
        }
        if arm.generation > 0, !pinned.contains(row.generation) {
          row.note =
            "Generation \(arm.generation) is not there, so its requests are answered outside the experiment."
        }
        report.arms.append(row)
      }
      if let first = report.arms.first {
        for arm in report.arms.dropFirst() {
          var comparison = ArmComparison(arm: arm.name, against: first.name)
          comparison.difference = arm.rate - first.rate
          comparison.low = max(-1, arm.low - first.high)
          comparison.high = min(1, arm.high - first.low)
          report.comparisons.append(comparison)
        }
      }
      reply.experiments.append(report)
    }
    return reply
  }

  /// Opens the generations that arms name, and lets go of the others. Blocks: reads files whole.
  func pinGenerations() {
    let wanted = Set(
      settings.experiments.flatMap { $0.arms.map { GenerationNumber($0.generation) } }.filter { $0 > .none })
    for tenant in tenants {
      for number in tenant.pin(wanted, reading: settings.reading) {
        logger.warning(
          "Generation \(number.value) is named by an experiment and cannot be served; its arm answers nobody.",
          metadata: [
            "event": "pinned_missing", "tenant": "\(tenant.name.text)", "generation": "\(number.value)",
          ])
      }
    }
  }
}
