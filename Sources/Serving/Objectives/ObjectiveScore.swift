import LiveState
import Vocabulary

/// What a list is for, in numbers: relevance times the worth of the events that an item usually leads to.
///
///     score'(i) = score(i) · ((1 − s) + s · V(i) / V̄),   V(i) = Σ_o weight_o · rate_o(i) · value_o(i)
///     rate_o(i) = (n_o(i) + κ r_o) / (e(i) + κ),          r_o = N_o / E
///
/// n counts events of the objective's type on the item, e its exposures (`EventCounts.exposures`), N and E the same
/// over all items; V̄ is the mean of |V| over the candidates. A rate is thus the share of exposures that led to such an
/// event, drawn towards the share of all items: a property of the item and no probability for this user, whose part is
/// the relevance score. Nothing is trained anew: weights and counts are read on every request.
enum ObjectiveScore {
  /// Exposures that the rate of all items counts as: an item shown so often has half a rate of its own.
  static let shrinkage = 20.0

  /// Rewrites the scores of the allowed candidates before `ranked`. O(candidates · objectives), allocates nothing
  /// once warm.
  static func run(ranked: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let settings = context.settings.objectives
    guard !settings.weights.isEmpty, settings.share > 0 else { return }
    scratch.worths.removeAll(keepingCapacity: true)
    scratch.objectiveRates.removeAll(keepingCapacity: true)
    let exposures = Double(context.counts.exposures)
    for objective in settings.weights {
      let total = Double(context.counts.total(objective.type))
      scratch.objectiveRates.append(exposures > 0 ? min(1, total / exposures) : 0)
    }
    var (sum, count) = (0.0, 0.0)
    for number in 0..<ranked {
      guard scratch.candidates.verdicts[number] == nil else {
        scratch.worths.append(0)
        continue
      }
      let worth = worth(of: scratch.candidates.items[number], context, scratch)
      scratch.worths.append(worth)
      sum += abs(worth)
      count += 1
    }
    // Where nothing is worth anything, relevance decides.
    guard sum > 0, sum.isFinite else { return }
    let mean = sum / count
    for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
      scratch.candidates.scores[number] *=
        (1 - settings.share) + settings.share * scratch.worths[number] / mean
    }
  }

  /// V. Zero where it would be beyond the range of numbers.
  private static func worth(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> Double {
    let counts = context.counts[item]
    let exposures = Double(counts.exposures)
    var worth = 0.0
    for (place, objective) in context.settings.objectives.weights.enumerated() {
      var value = 1.0
      // An item without the number earns nothing by it.
      if let name = objective.value { value = context.catalogue.number(name, item) ?? 0 }
      if value == 0 { continue }
      let rate =
        (Double(counts[objective.type]) + shrinkage * scratch.objectiveRates[place]) / (exposures + shrinkage)
      worth += objective.weight * rate * value
    }
    return worth.isFinite ? worth : 0
  }
}
