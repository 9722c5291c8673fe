import LiveState
import Models
import Vocabulary

/// The learned blend's part of the score step: puts the best of fusion in the order of the generation's trees.
///
/// Only what one of the generation's own sources named is judged by trees; what merely trends or is new was never
/// in their lesson and stays behind, in fusion's order. Where trees have no say, fusion's scores stay as they are.
enum TreeScore {
  /// The trees, if this request is one they learned to answer: a `Recommend` that is personal, hides what was seen,
  /// and had all its sources.
  static func trees(_ context: ReadContext, _ scratch: ReadScratch) -> BlendModel? {
    guard let model = context.view?.generation.blend, scratch.query.purpose == .recommend,
      scratch.query.hasSignal, !scratch.query.allowsSeen, !scratch.degraded.contains(.gather)
    else { return nil }
    return model
  }

  /// Rewrites the scores of the allowed candidates before `ranked`: the pool gets the trees' share, a number
  /// between 0 and 1, the rest less than any of these. Allocates nothing once warm. O(candidates + pool × trees).
  static func run(_ model: BlendModel, ranked: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view else { return }
    choosePool(ranked: ranked, view, scratch)
    let count = scratch.blend.pool.count
    guard count > 0 else { return }
    describe(model, view, scratch)
    let blend = scratch.blend
    model.trees.evaluate(blend.features, count: count, into: blend.margins)

    var lowest = Double.infinity
    var highestRest = 0.0
    for number in scratch.blend.pool { scratch.blend.isPooled[Int(number)] = true }
    for number in 0..<ranked where !scratch.blend.isPooled[number] {
      highestRest = max(highestRest, scratch.candidates.scores[number])
    }
    for place in 0..<count {
      if let calibration = view.calibration {
        blend.calibrated[Int(blend.pool[place])] = calibration.probability(blend.margins[place])
      }
      let share = TreeTable.share(blend.margins[place])
      scratch.candidates.scores[Int(scratch.blend.pool[place])] = share
      lowest = min(lowest, share)
    }
    let scale = lowest / (1 + highestRest)
    blend.isOrdering = true
    blend.restScale = scale
    for number in 0..<ranked where !scratch.blend.isPooled[number] {
      scratch.candidates.scores[number] *= scale
    }
  }

  /// The best of fusion among the candidates that trees can judge.
  private static func choosePool(ranked: Int, _ view: GenerationView, _ scratch: ReadScratch) {
    scratch.blend.begin(candidates: ranked)
    scratch.ranking.begin(BlendRules.poolSize)
    for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
      guard isJudged(number, scratch), view.row(of: scratch.candidates.items[number]) != nil else { continue }
      scratch.ranking.insert(
        Ranking.Entry(
          score: scratch.candidates.scores[number], tie: UInt64(scratch.candidates.items[number].value),
          number: UInt32(truncatingIfNeeded: number)))
    }
    scratch.ranking.sort()
    for entry in scratch.ranking.entries { scratch.blend.pool.append(entry.number) }
  }

  private static func isJudged(_ number: Int, _ scratch: ReadScratch) -> Bool {
    scratch.candidates.opinion(number, .transitions).rank > 0
      || scratch.candidates.opinion(number, .cooccurrence).rank > 0
      || scratch.candidates.opinion(number, .ials).rank > 0
      || scratch.candidates.opinion(number, .linear).rank > 0
      || scratch.candidates.opinion(number, .similarUsers).rank > 0
      || scratch.candidates.opinion(number, .popular).rank > 0
  }

  /// Writes the pool's features.
  private static func describe(_ model: BlendModel, _ view: GenerationView, _ scratch: ReadScratch) {
    var best = BlendCandidate()
    for number in 0..<scratch.candidates.count {
      noteBest(&best.popular, scratch.candidates.opinion(number, .popular))
      noteBest(&best.transitions, scratch.candidates.opinion(number, .transitions))
      noteBest(&best.cooccurrence, scratch.candidates.opinion(number, .cooccurrence))
      noteBest(&best.ials, scratch.candidates.opinion(number, .ials))
      noteBest(&best.linear, scratch.candidates.opinion(number, .linear))
      noteBest(&best.similarUsers, scratch.candidates.opinion(number, .similarUsers))
    }
    let count = scratch.blend.pool.count
    for place in 0..<count {
      let number = Int(scratch.blend.pool[place])
      guard let row = view.row(of: scratch.candidates.items[number]) else { continue }
      var state = BlendCandidate()
      state.popular = opinion(scratch.candidates.opinion(number, .popular), best.popular)
      state.transitions = opinion(scratch.candidates.opinion(number, .transitions), best.transitions)
      state.cooccurrence = opinion(scratch.candidates.opinion(number, .cooccurrence), best.cooccurrence)
      state.ials = opinion(scratch.candidates.opinion(number, .ials), best.ials)
      state.linear = opinion(scratch.candidates.opinion(number, .linear), best.linear)
      state.similarUsers = opinion(scratch.candidates.opinion(number, .similarUsers), best.similarUsers)
      state.itemPopularity = model.popularity[row]
      state.itemAge = model.age[row]
      state.historyItems = scratch.taste.rows.count
      scratch.blend.rows.append(UInt32(truncatingIfNeeded: row))
      scratch.blend.states.append(state)
    }
    if let last = scratch.starts.first {
      if let table = view.generation.transitions {
        sum(from: last, table, view, scratch)
        for place in scratch.blend.states.indices {
          scratch.blend.states[place].lastTransition = scratch.sums.sum(Int(scratch.blend.rows[place]))
        }
      }
      if let table = view.generation.cooccurrence {
        sum(from: last, table, view, scratch)
        for place in scratch.blend.states.indices {
          scratch.blend.states[place].lastCooccurrence = scratch.sums.sum(Int(scratch.blend.rows[place]))
        }
      }
    }
    let features = scratch.blend.features
    for (place, state) in scratch.blend.states.enumerated() {
      state.write(into: features + place * BlendFeature.count)
    }
  }

  private static func noteBest(_ best: inout BlendCandidate.Opinion, _ opinion: CandidateSet.Opinion) {
    if opinion.rank == 1 { best.best = opinion.score }
  }

  private static func opinion(_ given: CandidateSet.Opinion, _ best: BlendCandidate.Opinion)
    -> BlendCandidate.Opinion
  {
    BlendCandidate.Opinion(rank: given.rank, score: given.score, best: best.best)
  }

  /// Leaves in `sums` the score from the newest item straight to each of its neighbours.
  private static func sum(
    from last: Start, _ table: NeighbourModel, _ view: GenerationView, _ scratch: ReadScratch
  ) {
    scratch.sums.begin(view.generation.itemCount)
    let (rows, scores) = table.neighbours(of: last.row)
    scratch.sums.add(rows, scores, weight: 1)
  }
}
