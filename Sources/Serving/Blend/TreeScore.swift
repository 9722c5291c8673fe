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
    for number in blend.pool { blend.isPooled[Int(number)] = true }
    // References of our own: those of a class are checked at run time at each reach.
    let isPooled = blend.isPooled
    scratch.candidates.scores.withUnsafeBufferPointer { scores in
      for number in 0..<ranked where !isPooled[number] { highestRest = max(highestRest, scores[number]) }
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
    scratch.candidates.scores.withUnsafeMutableBufferPointer { scores in
      for number in 0..<ranked where !isPooled[number] { scores[number] *= scale }
    }
  }

  /// The best of fusion among the candidates that trees can judge.
  private static func choosePool(ranked: Int, _ view: GenerationView, _ scratch: ReadScratch) {
    scratch.blend.begin(candidates: ranked)
    scratch.ranking.begin(BlendRules.poolSize)
    for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
      guard scratch.candidates.namings(number) & judgedSources != 0,
        scratch.candidates.scores[number] >= scratch.ranking.floor,
        view.row(of: scratch.candidates.items[number]) != nil
      else { continue }
      scratch.ranking.insert(
        Ranking.Entry(
          score: scratch.candidates.scores[number], tie: UInt64(scratch.candidates.items[number].value),
          number: UInt32(truncatingIfNeeded: number)))
    }
    scratch.ranking.sort()
    for entry in scratch.ranking.entries { scratch.blend.pool.append(entry.number) }
  }

  /// What the generation's own models named.
  private static let judgedSources = CandidateSet.bits(
    of: [.transitions, .cooccurrence, .ials, .linear, .similarUsers, .popular])

  /// Writes the pool's features.
  private static func describe(_ model: BlendModel, _ view: GenerationView, _ scratch: ReadScratch) {
    let count = scratch.blend.pool.count
    for place in 0..<count {
      let number = Int(scratch.blend.pool[place])
      guard let row = view.row(of: scratch.candidates.items[number]) else { continue }
      var state = BlendCandidate()
      state.popular = opinion(number, .popular, scratch)
      state.transitions = opinion(number, .transitions, scratch)
      state.cooccurrence = opinion(number, .cooccurrence, scratch)
      state.ials = opinion(number, .ials, scratch)
      state.linear = opinion(number, .linear, scratch)
      state.similarUsers = opinion(number, .similarUsers, scratch)
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

  private static func opinion(_ number: Int, _ source: SourceKind, _ scratch: ReadScratch)
    -> BlendCandidate.Opinion
  {
    let given = scratch.candidates.opinion(number, source)
    return BlendCandidate.Opinion(rank: given.rank, score: given.score, best: scratch.candidates.best(source))
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
