import Kernels
import LiveState
import Models
import Vocabulary

/// What items say of themselves. For somebody with a taste in factors: the items that have no factors, by those their content
/// predicts. For somebody without: all items by the cosine of their content with the mean of what was touched. For `Similar`:
/// all items by the cosine with the item asked about.
///
/// Its cost grows with the catalogue, so it looks at the deadline.
package enum ContentSource {
  /// O(cold items × factors), or O(items × dimensions) a byte each.
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.content, let cold = view.cold?.current else {
      return
    }
    let hasTaste =
      scratch.query.purpose != .similar && view.generation.factors != nil && !scratch.taste.rows.isEmpty
    let began = ContinuousNanoseconds.now
    let numbers =
      hasTaste
      ? cold.count * model.factorDimensions : (cold.count + model.itemCount) * model.dimensions / 4
    // Until measured: four multiplications a nanosecond. Kept apart, because one costs far less than the other.
    let time =
      hasTaste
      ? scratch.coldTime ?? ExpectedTime(nanoseconds: UInt64(numbers / 4))
      : scratch.contentTime ?? ExpectedTime(nanoseconds: UInt64(numbers / 4))
    var expected = time
    guard began &+ expected.nanoseconds < context.deadline else {
      expected.skipped()
      scratch.skip(.content)
      if hasTaste { scratch.coldTime = expected } else { scratch.contentTime = expected }
      return
    }
    let memory = scratch.contentScratch(for: model)
    scratch.ranking.begin(width)
    if hasTaste, let vector = FactorSource.tasteVector(context, scratch) {
      scanCold(cold, vector, byFactors: true, memory, view, context, scratch)
    } else if collect(model, cold, memory, view, context, scratch) {
      scanCold(cold, memory.centroid, byFactors: false, memory, view, context, scratch)
      scanRows(width, model, memory, view, context, scratch)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .content)
    expected.took(ContinuousNanoseconds.now &- began)
    if hasTaste { scratch.coldTime = expected } else { scratch.contentTime = expected }
  }

  /// Ranks cold items by their factors; or by their content, without those of the generation, which are scanned there.
  private static func scanCold(
    _ cold: ColdItems.Snapshot, _ vector: UnsafeBufferPointer<Float>, byFactors: Bool,
    _ memory: ContentScratch, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    for chunk in cold.chunks {
      guard let chunk else { continue }
      let scores = UnsafeMutableBufferPointer(rebasing: memory.scores[..<chunk.items.count])
      (byFactors ? chunk.factors : chunk.contents).withUnsafeBufferPointer {
        Scoring.scoreRows($0, vector, into: scores)
      }
      for (place, item) in chunk.items.enumerated() where scores[place] > 0 {
        let entry = Ranking.Entry(
          score: Double(scores[place]), tie: UInt64(item.value), number: item.value)
        guard scratch.ranking.accepts(entry), byFactors || view.row(of: item) == nil,
          Rules.verdict(item, context, scratch) == nil
        else { continue }
        scratch.ranking.insert(entry)
      }
    }
  }

  /// Ranks the generation's rows by cosine with the centroid, as `FactorSource` scans its own.
  private static func scanRows(
    _ width: Int, _ model: ContentModel, _ memory: ContentScratch, _ view: GenerationView,
    _ context: ReadContext, _ scratch: ReadScratch
  ) {
    guard let codes = view.contentCodes, codes.count > 0 else { return }
    forEachForbiddenRow(memory.strikeOut, view, codes, scratch)
    defer { forEachForbiddenRow(memory.letIn, view, codes, scratch) }
    let isRank = scratch.query.purpose == .rank
    var taken = isRank ? codes.count : min(codes.count, width + width / 4)
    while true {
      let (rows, scores) = memory.best(taken, of: model, codes)
      var found = 0
      var isExhausted = rows.count < taken || taken == codes.count
      for place in 0..<rows.count where found < width {
        guard scores[place] > 0 else {
          isExhausted = true
          break
        }
        guard let item = view.index(ofRow: Int(rows[place])), Rules.verdict(item, context, scratch) == nil
        else { continue }
        found += 1
      }
      guard found >= width || isExhausted else {
        taken = min(codes.count, taken * 4)
        continue
      }
      for place in 0..<rows.count where scores[place] > 0 {
        guard let item = view.index(ofRow: Int(rows[place])) else { continue }
        let entry = Ranking.Entry(
          score: Double(scores[place]), tie: UInt64(item.value), number: item.value)
        guard scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else { continue }
        scratch.ranking.insert(entry)
      }
      return
    }
  }

  private static func forEachForbiddenRow(
    _ body: (Int) -> Void, _ view: GenerationView, _ codes: QuantisedRows, _ scratch: ReadScratch
  ) {
    for value in scratch.marks.marked {
      if let row = view.row(of: ItemIndex(value)), row < codes.count { body(row) }
    }
  }

  /// The mean content of what the request names and, unless it asks about an item, of the newest distinct items of the
  /// history; each further back weighs less. False if none of them has content.
  private static func collect(
    _ model: ContentModel, _ cold: ColdItems.Snapshot, _ memory: ContentScratch, _ view: GenerationView,
    _ context: ReadContext, _ scratch: ReadScratch
  ) -> Bool {
    memory.beginCentroid()
    var weight = Float(1)
    let most = scratch.query.purpose == .similar ? 1 : context.settings.recentItems
    scratch.met.begin(context.catalogue.count)
    for item in scratch.named where memory.items.count < most {
      add(item, &weight, model, cold, memory, view, context, scratch)
    }
    if scratch.query.purpose != .similar, let user = scratch.query.user {
      for event in user.history.reversed() where context.catalogue.contains(event.item) {
        if memory.items.count >= most { break }
        guard context.settings.weights.isPositive(event.type), scratch.marks[event.item] != .turnedAway else {
          continue
        }
        add(event.item, &weight, model, cold, memory, view, context, scratch)
      }
    }
    return memory.settle()
  }

  private static func add(
    _ item: ItemIndex, _ weight: inout Float, _ model: ContentModel, _ cold: ColdItems.Snapshot,
    _ memory: ContentScratch, _ view: GenerationView, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    guard scratch.met.mark(item, .seen) else { return }
    if let (chunk, place) = cold.find(item) {
      chunk.contents.withUnsafeBufferPointer {
        memory.add(
          item,
          UnsafeBufferPointer(rebasing: $0[place * model.dimensions..<(place + 1) * model.dimensions]),
          scale: 1, weight: weight)
      }
    } else if let row = view.row(of: item), let codes = view.contentCodes, codes.weights[row] > 0 {
      memory.add(item, model.row(row), scale: codes.weights[row], weight: weight)
    } else {
      return
    }
    weight *= Float(context.settings.recentDecay)
  }

  // MARK: Parts

  /// What each item of `items` adds to the score this source gave `item`: parts sum to the score. Nil if the source has
  /// nothing to say about it. REQUIRES: `gather` ran for this request. Allocates.
  package static func parts(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> (
    items: [ItemIndex], parts: [Float]
  )? {
    guard let view = context.view, let model = view.generation.content, let cold = view.cold?.current,
      let memory = scratch.content
    else { return nil }
    let isByTaste =
      scratch.query.purpose != .similar && !scratch.taste.rows.isEmpty
      && FactorSource.tasteVector(context, scratch) != nil
    if isByTaste {
      guard let factors = view.generation.factors, let fold = scratch.factors?.foldIn,
        let (chunk, place) = cold.find(item)
      else { return nil }
      let d = model.factorDimensions
      var parts = [Float](repeating: 0, count: scratch.taste.rows.count)
      chunk.factors.withUnsafeBufferPointer { table in
        parts.withUnsafeMutableBufferPointer { parts in
          scratch.taste.rows.withUnsafeBufferPointer { rows in
            scratch.taste.confidences.withUnsafeBufferPointer { confidences in
              factors.contributions(
                to: UnsafeBufferPointer(rebasing: table[place * d..<(place + 1) * d]), rows: rows,
                confidences: confidences, fold, into: parts)
            }
          }
        }
      }
      return (scratch.taste.items, parts)
    }
    guard let own = content(of: item, model, cold, view) else { return nil }
    let parts = memory.items.enumerated().map { number, other -> Float in
      guard let vector = content(of: other, model, cold, view) else { return 0 }
      return memory.weights[number] * zip(own, vector).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return (memory.items, parts)
  }

  /// An item's content vector of length one. Allocates.
  private static func content(
    of item: ItemIndex, _ model: ContentModel, _ cold: ColdItems.Snapshot, _ view: GenerationView
  ) -> [Float]? {
    let t = model.dimensions
    if let (chunk, place) = cold.find(item) { return Array(chunk.contents[place * t..<(place + 1) * t]) }
    guard let row = view.row(of: item), let codes = view.contentCodes, codes.weights[row] > 0 else {
      return nil
    }
    return model.row(row).map { $0 * codes.weights[row] }
  }
}
