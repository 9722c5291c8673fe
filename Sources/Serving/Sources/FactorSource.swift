import Kernels
import LiveState
import Models
import Vocabulary

/// iALS factors, scanned exactly over the whole generation. For `Recommend` the user is folded in from the live
/// history on every request (Hu, Koren and Volinsky 2008, section 4); for `Similar` rows are compared by cosine.
///
/// The only source whose cost grows with the catalogue, so the only one that looks at the deadline.
enum FactorSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.factors, model.itemCount > 0 else { return }
    switch scratch.query.purpose {
    case .rank where !scratch.taste.rows.isEmpty: return rankAsked(model, view, context, scratch)
    case .recommend where !scratch.taste.rows.isEmpty: break
    case .similar where !scratch.starts.isEmpty: break
    default: return
    }
    let memory = scratch.factorScratch(for: model)
    let began = ContinuousNanoseconds.now
    guard began &+ memory.expectedNanoseconds < context.deadline else {
      memory.skipped()
      scratch.degrade(.gather)
      return
    }
    if score(model, memory, scratch) {
      if scratch.query.purpose == .similar { normalise(memory, view) }
      strikeOut(memory, view, scratch)
      select(width, memory, view, context, scratch)
    }
    memory.took(ContinuousNanoseconds.now &- began)
  }

  /// Scores only what `Rank` was asked about: no scan, so no deadline to look at.
  private static func rankAsked(
    _ model: FactorModel, _ view: GenerationView, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    let memory = scratch.factorScratch(for: model)
    guard solve(model, memory, scratch) else { return }
    scratch.ranking.begin(scratch.query.k)
    for value in scratch.asked.marked {
      let item = ItemIndex(value)
      guard let row = view.row(of: item), Rules.verdict(item, context, scratch) == nil else { continue }
      let score = memory.score(of: row, model)
      if score > 0 {
        scratch.ranking.insert(Ranking.Entry(score: Double(score), tie: UInt64(value), number: value))
      }
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .ials)
  }

  /// Folds the user in. Returns false if the history has no answer.
  private static func solve(_ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch) -> Bool {
    scratch.taste.rows.withUnsafeBufferPointer { rows in
      scratch.taste.confidences.withUnsafeBufferPointer { confidences in
        model.foldIn(rows: rows, confidences: confidences, into: memory.foldIn)
      }
    }
  }

  /// Writes a score for every row. Returns false if the history has no answer.
  private static func score(_ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch) -> Bool {
    if scratch.query.purpose == .similar {
      guard let start = scratch.starts.first else { return false }
      model.scoreAll(model.row(start.row), into: memory.scores)
      return true
    }
    let isSolved = solve(model, memory, scratch)
    if isSolved { model.scoreAll(memory.foldIn.vector, into: memory.scores) }
    return isSolved
  }

  /// Dot products become cosines, up to the length of the row asked about, which is the same for all.
  private static func normalise(_ memory: FactorScratch, _ view: GenerationView) {
    for row in 0..<min(memory.scores.count, view.inverseLengths.count) {
      memory.scores[row] *= view.inverseLengths[row]
    }
  }

  /// What the request forbids by name is struck out before selecting: there may be thousands of such items, all
  /// near the top, since the user chose them.
  private static func strikeOut(_ memory: FactorScratch, _ view: GenerationView, _ scratch: ReadScratch) {
    for value in scratch.marks.marked {
      if let row = view.row(of: ItemIndex(value)), row < memory.scores.count {
        memory.scores[row] = -.infinity
      }
    }
  }

  /// Takes the best `width` allowed rows with a positive score. Few rows are forbidden for other reasons, so a
  /// little more is taken than needed, and four times as much as long as that was not enough.
  private static func select(
    _ width: Int, _ memory: FactorScratch, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    var taken = min(memory.scores.count, width + width / 4)
    while true {
      let (rows, scores) = memory.best(taken)
      var rank = 0
      var isExhausted = rows.count < taken || taken == memory.scores.count
      for place in 0..<rows.count where rank < width {
        guard scores[place] > 0 else {
          isExhausted = true
          break
        }
        guard let item = view.index(ofRow: Int(rows[place])) else { continue }
        // A second pass repeats the opinions of the first, which the candidates ignore.
        if ListSource.offer(item, .ials, after: rank, score: scores[place], context, scratch) { rank += 1 }
      }
      if rank >= width || isExhausted { return }
      taken = min(memory.scores.count, taken * 4)
    }
  }
}
