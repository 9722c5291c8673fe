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
    scratch.worthMean = mean
    for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
      scratch.candidates.scores[number] *= factor(of: number, context, scratch)
    }
  }

  /// What the candidate's score is multiplied with. REQUIRES: objectives have a say, so the mean is above 0.
  static func factor(of number: Int, _ context: ReadContext, _ scratch: ReadScratch) -> Double {
    let share = context.settings.objectives.share
    return (1 - share) + share * scratch.worths[number] / scratch.worthMean
  }

  /// V. Zero where it would be beyond the range of numbers.
  private static func worth(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> Double {
    let counts = context.counts[item]
    let exposures = Double(counts.exposures)
    var worth = 0.0
    for place in context.settings.objectives.weights.indices {
      worth += part(place, of: item, counts, exposures: exposures, context, scratch)
    }
    return worth.isFinite ? worth : 0
  }

  /// What one objective adds to it: weight · rate · value.
  private static func part(
    _ place: Int, of item: ItemIndex, _ counts: EventCounts, exposures: Double, _ context: ReadContext,
    _ scratch: ReadScratch
  ) -> Double {
    let objective = context.settings.objectives.weights[place]
    var value = 1.0
    // An item without the number earns nothing by it.
    if let name = objective.value { value = context.catalogue.number(name, item) ?? 0 }
    if value == 0 { return 0 }
    let rate =
      (Double(counts[objective.type]) + shrinkage * scratch.objectiveRates[place]) / (exposures + shrinkage)
    return objective.weight * rate * value
  }

  /// The parts of V, by objective; for explanations. REQUIRES: `run` of this request.
  static func parts(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> [ContributionPart]
  {
    let counts = context.counts[item]
    return context.settings.objectives.weights.enumerated().map { place, objective in
      ContributionPart(
        name: objective.type.name + (objective.value.map { "*" + $0 } ?? ""),
        value: part(
          place, of: item, counts, exposures: Double(counts.exposures), context, scratch))
    }
  }
}
