import Kernels
import LiveState
import Models
import Vocabulary

/// iALS factors, the best of the whole generation. The scan reads the factors in 8 bits and scores in floats what may be
/// among the best, so the answer is exact (`RowScan`), or nearly so where the rows are in clusters. For `Recommend` the user is folded in from the live
/// history on every request (Hu, Koren and Volinsky 2008, section 4); for `Similar` rows are compared by cosine.
///
/// The only source whose cost grows with the catalogue, so it looks at the deadline.
enum FactorSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.factors, let codes = view.codes,
      codes.count > 0
    else { return }
    switch scratch.query.purpose {
    case .rank where !scratch.taste.rows.isEmpty: return rankAsked(model, view, context, scratch)
    case .recommend where !scratch.taste.rows.isEmpty: break
    case .similar where !scratch.starts.isEmpty: break
    case .complete where scratch.query.answersBundles && !scratch.taste.rows.isEmpty:
      return rankBundles(width, model, view, context, scratch)
    default: return
    }
    let memory = scratch.factorScratch(for: model)
    let began = context.clock.now
    guard began &+ memory.expected.nanoseconds < scratch.pace.end else {
      memory.skipped()
      scratch.skip(.ials)
      return
    }
    if let vector = vector(model, memory, scratch) {
      scratch.rules.forEachMask(view, context.catalogue) { memory.restrict(to: $0) }
      forEachForbiddenRow(memory.strikeOut, view, codes, scratch)
      select(width, Question(model: model, codes: codes, vector: vector), memory, view, context, scratch)
      if !memory.letAllIn() { forEachForbiddenRow(memory.letIn, view, codes, scratch) }
    }
    memory.took(context.clock.now &- began)
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

  /// Scores only bundles: they are few among all items, so no scan either. O(bundles · dimensions).
  private static func rankBundles(
    _ width: Int, _ model: FactorModel, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    let memory = scratch.factorScratch(for: model)
    guard solve(model, memory, scratch) else { return }
    scratch.ranking.begin(width)
    for item in context.bundles.items {
      guard let row = view.row(of: item) else { continue }
      let score = memory.score(of: row, model)
      let entry = Ranking.Entry(score: Double(score), tie: UInt64(item.value), number: item.value)
      guard score > 0, scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else {
        continue
      }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .ials)
  }

  /// What is scanned for what.
  private struct Question {
    let model: FactorModel
    let codes: QuantisedRows
    let vector: UnsafeBufferPointer<Float>
  }

  /// The user folded in, or the factors of the item asked about; nil if the history has no answer.
  private static func vector(_ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch)
    -> UnsafeBufferPointer<Float>?
  {
    if scratch.query.purpose == .similar { return scratch.starts.first.map { model.row($0.row) } }
    return solve(model, memory, scratch) ? memory.foldIn.vector : nil
  }

  /// Folds the user in. Returns false if the history has no answer.
  static func solve(_ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch) -> Bool {
    if let folded = scratch.folded { return folded }
    let isSolved = fold(model, memory, scratch)
    scratch.folded = isSolved
    return isSolved
  }

  /// The user folded in, once for each request; nil without an answer, or if nothing of the history has factors.
  static func tasteVector(_ context: ReadContext, _ scratch: ReadScratch) -> UnsafeBufferPointer<Float>? {
    guard let model = context.view?.generation.factors, !scratch.taste.rows.isEmpty else { return nil }
    let memory = scratch.factorScratch(for: model)
    guard solve(model, memory, scratch), memory.foldIn.vector.contains(where: { $0 != 0 }) else { return nil }
    return memory.foldIn.vector
  }

  private static func fold(_ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch) -> Bool {
    memory.hasVector = scratch.taste.rows.withUnsafeBufferPointer { rows in
      scratch.taste.confidences.withUnsafeBufferPointer { confidences in
        model.foldIn(rows: rows, confidences: confidences, into: memory.foldIn)
      }
    }
    return memory.hasVector
  }

  /// What the request forbids by name is struck out before selecting: there may be thousands of such items, all
  /// near the top, since the user chose them.
  private static func forEachForbiddenRow(
    _ body: (Int) -> Void, _ view: GenerationView, _ codes: QuantisedRows, _ scratch: ReadScratch
  ) {
    for value in scratch.marks.marked {
      if let row = view.row(of: ItemIndex(value)), row < codes.count { body(row) }
    }
  }

  /// Takes the best `width` allowed rows with a positive score. Few rows are forbidden for other reasons, so a
  /// little more is taken than needed. If that was not enough, four times as much, or what the share that was allowed
  /// lets expect: a filter that reads the user or the request may let only few pass.
  private static func select(
    _ width: Int, _ question: Question, _ memory: FactorScratch, _ view: GenerationView,
    _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    let count = question.codes.count
    let book = RuleBook(context, scratch)
    var taken = min(count, width + width / 4)
    while true {
      let (rows, scores) = memory.best(
        taken, of: question.model, question.codes, question.vector,
        byCosine: scratch.query.purpose == .similar)
      var rank = 0
      var isExhausted = rows.count < taken || taken == count
      scratch.candidates.offerMany { table in
        for place in 0..<rows.count where rank < width {
          guard scores[place] > 0 else {
            isExhausted = true
            break
          }
          guard let item = view.index(ofRow: Int(rows[place])), book.allows(item) else { continue }
          rank += 1
          // A second pass repeats the opinions of the first, which the candidates ignore.
          table.offer(item, .ials, rank: rank, score: scores[place])
        }
      }
      if rank >= width || isExhausted { return }
      taken = min(count, max(taken * 4, taken * (width + width / 4) / max(1, rank)))
    }
  }
}
