import Vocabulary

extension Engine {
  /// All intervals of one experiment hold together with this error at most.
  static let experimentAlpha = 0.05

  /// How the arms do, since the daemon started. Blocks for a moment: on the background thread.
  func experiments(of tenant: ServedTenant) -> ExperimentsReply {
    var reply = ExperimentsReply()
    reply.alpha = Self.experimentAlpha
    let pinned = tenant.pinnedNumbers
    for experiment in settings.experiments {
      var report = ExperimentReport(name: experiment.name)
      report.scenario =
        experiment.scenario.isEmpty ? ScenarioName.default.text : experiment.scenario
      report.unit = experiment.unit
      let sum = experiment.arms.reduce(0) { $0 + max(0, $1.share) }
      // Every arm has an interval; a comparison rests on two of them.
      let alpha = Self.experimentAlpha / Double(max(1, experiment.arms.count))
      for arm in experiment.arms {
        var row = ArmReport(name: arm.name)
        row.share = sum > 0 ? max(0, arm.share) / sum : 0
        row.scenario = arm.scenario
        row.generation = GenerationNumber(arm.generation)
        let (counts, weights) = feedback.arm(tenant.name, experiment.name + "/" + arm.name, .now)
        row.counts = counts
        if counts.lists > 0 { row.rate = Double(counts.clickedLists) / Double(counts.lists) }
        let radius = ConfidenceSequence.radius(counts.lists, alpha: alpha)
        row.low = max(0, row.rate - radius)
        row.high = min(1, row.rate + radius)
        if let estimate = weights.estimate, estimate.effectiveCount >= Limits.effectiveListsMin {
          row.estimate = estimate
        } else {
          let effective = weights.estimate?.effectiveCount ?? 0
          row.note =
            "No weighted estimate yet: the lists amount to \(Int(effective)), it takes \(Int(Limits.effectiveListsMin))."
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
