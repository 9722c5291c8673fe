import LiveState
import Models
import Vocabulary

/// The learned blend's part of the score step: puts the best of fusion in the order of the generation's trees.
///
/// Only what one of the generation's own sources named is judged by trees; what merely trends or is new was never
/// in their lesson and stays behind, in fusion's order. Where trees have no say, fusion's scores stay as they are.
enum TreeScore {
  /// The trees, if the scenario wants them and this request is one they learned to answer: a `Recommend` that is personal,
  /// hides what was seen, and had all its sources.
  static func trees(_ context: ReadContext, _ scratch: ReadScratch) -> BlendModel? {
    guard context.settings.blend, let model = context.view?.generation.blend,
      scratch.query.purpose == .recommend,
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
    blend.markPooled()
    // References of our own: those of a class are checked at run time at each reach.
    let (isPooled, pool, margins) = (blend.isPooled, blend.pool, blend.margins)
    if let calibration = view.calibration {
      for place in 0..<count {
        blend.calibrated[Int(pool[place])] = calibration.probability(margins[place])
      }
    }
    scratch.candidates.scores.withUnsafeMutableBufferPointer { scores in
      for number in 0..<ranked where !isPooled[number] { highestRest = max(highestRest, scores[number]) }
      for place in 0..<count {
        let share = TreeTable.share(margins[place])
        scores[Int(pool[place])] = share
        lowest = min(lowest, share)
      }
    }
    let scale = lowest / (1 + highestRest)
    blend.isOrdering = true
    blend.restScale = scale
    scratch.candidates.scores.withUnsafeMutableBufferPointer { scores in
      for number in 0..<ranked where !isPooled[number] { scores[number] *= scale }
    }
  }

  /// The best of fusion among the candidates that trees can judge; of equal ones the one that was named first.
  private static func choosePool(ranked: Int, _ view: GenerationView, _ scratch: ReadScratch) {
    scratch.blend.begin(candidates: ranked)
    let blend = scratch.blend
    let table = scratch.candidates.table
    let judgedSources = Self.judgedSources
    for number in 0..<ranked
    where table.verdicts[number] == nil && table.namings[number] & judgedSources != 0
      && view.row(of: table.items[number]) != nil
    {
      blend.judged.append(UInt32(truncatingIfNeeded: number))
      blend.judgedScores.append(Float(table.scores[number]))
    }
    blend.choosePool()
  }

  /// What the generation's own models named.
  private static let judgedSources = CandidateSet.bits(
    of: [.transitions, .cooccurrence, .ials, .linear, .similarUsers, .popular])

  /// Writes the pool's features.
  private static func describe(_ model: BlendModel, _ view: GenerationView, _ scratch: ReadScratch) {
    let blend = scratch.blend
    let table = scratch.candidates.table
    let historyItems = scratch.taste.rows.count
    func opinion(_ number: Int, _ source: SourceKind) -> BlendCandidate.Opinion {
      let given = table.opinion(number, source)
      return BlendCandidate.Opinion(
        rank: given.rank, score: given.score, best: table.bests[Int(source.rawValue)])
    }
    // Taken out while they are written: those of a class are checked at run time at each reach.
    var (rows, states) = blend.takeDescriptions()
    for value in blend.pool {
      let number = Int(value)
      guard let row = view.row(of: table.items[number]) else { continue }
      var state = BlendCandidate()
      state.popular = opinion(number, .popular)
      state.transitions = opinion(number, .transitions)
      state.cooccurrence = opinion(number, .cooccurrence)
      state.ials = opinion(number, .ials)
      state.linear = opinion(number, .linear)
      state.similarUsers = opinion(number, .similarUsers)
      state.itemPopularity = model.popularity[row]
      state.itemAge = model.age[row]
      state.historyItems = historyItems
      rows.append(UInt32(truncatingIfNeeded: row))
      states.append(state)
    }
    if let last = scratch.starts.first {
      if let neighbours = view.generation.transitions {
        sum(from: last, neighbours, view, scratch)
        for place in states.indices { states[place].lastTransition = scratch.sums.sum(Int(rows[place])) }
      }
      if let neighbours = view.generation.cooccurrence {
        sum(from: last, neighbours, view, scratch)
        for place in states.indices { states[place].lastCooccurrence = scratch.sums.sum(Int(rows[place])) }
      }
    }
    let features = blend.features
    for (place, state) in states.enumerated() { state.write(into: features + place * BlendFeature.count) }
    blend.putBack(rows, states)
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
