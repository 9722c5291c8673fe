import LiveState
import Models
import Vocabulary

/// Why an item is in the reply, in words a client can template, citing only items of the user or the request.
///
/// Reasons are worked out for the final list only, from the same models and numbers that ranked it: nothing is
/// said that did not count.
enum Reasons {
  /// Items one reason may cite.
  static let citedMax = 2

  /// The reason that weighs most, or with `full` one for each source, strongest first. What was not placed by its
  /// score says so before all. Allocates for the reply.
  static func explain(
    _ number: Int, _ placement: Placement = .ranked, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [Explanation] {
    let placed: ExplanationCode? =
      switch placement {
      case .ranked: nil
      case .pinned: .pinned
      case .promoted: .promoted
      case .explored: .explored
      }
    if let placed, scratch.query.explain != .full { return [Explanation(code: placed)] }
    var shares: [(source: SourceKind, share: Double)] = []
    for source in SourceKind.allCases {
      let rank = scratch.candidates.opinion(number, source).rank
      guard rank > 0 else { continue }
      let weight = Score.weight(of: source, context, scratch)
      shares.append((source, weight / (context.settings.fusionConstant + Double(rank))))
    }
    shares.sort { $0.share == $1.share ? $0.source.rawValue < $1.source.rawValue : $0.share > $1.share }
    let item = scratch.candidates.items[number]
    let told = scratch.query.explain == .full ? shares[...] : shares.prefix(1)
    let reasons = told.map { explanation(of: item, from: $0.source, context, scratch) }
    return (placed.map { [Explanation(code: $0)] } ?? []) + reasons
  }

  private static func explanation(
    of item: ItemIndex, from source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch
  ) -> Explanation {
    let cited: [ItemIndex]
    var segment = ""
    let code: ExplanationCode
    switch source {
    case .popular: (code, cited) = (.popular, [])
    case .trending: (code, cited) = (.trending, [])
    case .newest: (code, cited) = (.newItem, [])
    case .segmentPopular:
      (code, cited) = (.popularInSegment, [])
      segment = SegmentPopularSource.strongestSegment(of: item, context, scratch)
    case .segmentTrending:
      (code, cited) = (.trendingInSegment, [])
      segment = SegmentTrendingSource.strongestSegment(of: item, context, scratch)
    case .repeats: (code, cited) = (.buyAgain, [item])
    case .transitions:
      (code, cited) = (
        .nextInSequence, strongestStarts(context.view?.generation.transitions, item, context, scratch)
      )
    case .cooccurrence:
      (code, cited) = (
        .boughtTogether, strongestStarts(context.view?.generation.cooccurrence, item, context, scratch)
      )
    case .linear: (code, cited) = (.becauseYouInteracted, strongestRows(item, context, scratch))
    case .similarUsers: (code, cited) = (.similarUsers, strongestShared(item, context, scratch))
    case .content where scratch.query.purpose == .similar:
      (code, cited) = (.similarContent, Array(scratch.named.prefix(1)))
    case .content: (code, cited) = (.similarContent, strongestContent(item, context, scratch))
    case .near: (code, cited) = (.nearYou, NearSource.strongestCentres(of: item, context, scratch))
    case .members: (code, cited) = (.boughtTogether, strongestCompanions(of: item, context, scratch))
    case .memberTaste:
      (code, cited) = (.becauseYouInteracted, strongestTaste(ofMembers: item, context, scratch))
    case .ials where scratch.query.purpose == .similar:
      (code, cited) = (.similarItem, scratch.starts.prefix(1).map(\.item))
    case .ials:
      (code, cited) = (.becauseYouInteracted, strongestTaste(item, context, scratch))
    }
    let citable = cited.filter { !context.catalogue.isDeleted($0) && !context.catalogue.isHidden($0) }
    return Explanation(
      code: code, items: citable.prefix(citedMax).map(context.catalogue.identifier), segment: segment)
  }

  /// The starting points whose neighbour the item is, by what each added to its score.
  private static func strongestStarts(
    _ model: NeighbourModel?, _ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ItemIndex] {
    guard let model, let row = context.view?.row(of: item) else { return [] }
    scratch.ranking.begin(2 * citedMax)
    for start in scratch.starts {
      let (rows, scores) = model.neighbours(of: start.row)
      for place in 0..<min(rows.count, scores.count) where Int(rows[place]) == row {
        let share = start.weight * scores[place]
        if share > 0 { insert(start.item, share, scratch) }
        break
      }
    }
    return best(scratch)
  }

  /// The items of the history by their exact part of the iALS score, s_j = vᵢᵀ W vⱼ cⱼ (Hu, Koren and Volinsky
  /// 2008, section 5); parts that speak against the item are not reasons.
  private static func strongestTaste(
    _ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ItemIndex] {
    guard let view = context.view, let model = view.generation.factors, let row = view.row(of: item),
      let memory = scratch.factors
    else { return [] }
    contribute(to: row, model, memory, scratch)
    scratch.ranking.begin(2 * citedMax)
    for place in scratch.contributions.indices where scratch.contributions[place] > 0 {
      insert(scratch.taste.items[place], scratch.contributions[place], scratch)
    }
    return best(scratch)
  }

  /// The same for a bundle: the parts of all its members together.
  private static func strongestTaste(
    ofMembers bundle: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ItemIndex] {
    guard let view = context.view, let model = view.generation.factors, let memory = scratch.factors,
      let number = context.bundles.number(of: bundle)
    else { return [] }
    var sums = [Float](repeating: 0, count: scratch.taste.rows.count)
    for value in context.bundles.members(of: number) {
      guard let row = view.row(of: ItemIndex(value)) else { continue }
      contribute(to: row, model, memory, scratch)
      for place in sums.indices { sums[place] += scratch.contributions[place] }
    }
    scratch.ranking.begin(2 * citedMax)
    for place in sums.indices where sums[place] > 0 {
      insert(scratch.taste.items[place], sums[place], scratch)
    }
    return best(scratch)
  }

  /// What of the basket or the history is in a bundle, then what goes with its members, by what each added.
  private static func strongestCompanions(
    of bundle: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ItemIndex] {
    guard let number = context.bundles.number(of: bundle) else { return [] }
    let members = context.bundles.members(of: number)
    scratch.ranking.begin(2 * citedMax)
    for item in scratch.named where members.contains(item.value) {
      insert(item, .greatestFiniteMagnitude, scratch)
    }
    guard let view = context.view, let model = view.generation.cooccurrence else { return best(scratch) }
    for start in scratch.starts
    where !scratch.named.contains(start.item) || !members.contains(start.item.value) {
      let (rows, scores) = model.neighbours(of: start.row)
      var share: Float = members.contains(start.item.value) ? start.weight : 0
      for place in 0..<min(rows.count, scores.count) {
        guard let item = view.index(ofRow: Int(rows[place])), members.contains(item.value) else { continue }
        share += start.weight * scores[place]
      }
      if share > 0 { insert(start.item, share, scratch) }
    }
    return best(scratch)
  }

  /// Writes `contributions`: the exact parts of the score of a row, by place in the taste.
  private static func contribute(
    to row: Int, _ model: FactorModel, _ memory: FactorScratch, _ scratch: ReadScratch
  ) {
    let count = scratch.taste.rows.count
    scratch.contributions.removeAll(keepingCapacity: true)
    scratch.contributions.append(contentsOf: repeatElement(0, count: count))
    scratch.taste.rows.withUnsafeBufferPointer { rows in
      scratch.taste.confidences.withUnsafeBufferPointer { confidences in
        scratch.contributions.withUnsafeMutableBufferPointer { contributions in
          model.contributions(
            to: row, rows: rows, confidences: confidences, memory.foldIn, into: contributions)
        }
      }
    }
  }

  /// The items by their exact part of the content score; parts that speak against the item are not reasons.
  private static func strongestContent(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ItemIndex]
  {
    guard let (items, parts) = ContentSource.parts(of: item, context, scratch) else { return [] }
    scratch.ranking.begin(2 * citedMax)
    for place in items.indices where parts[place] > 0 { insert(items[place], parts[place], scratch) }
    return best(scratch)
  }

  /// The items of the history by their part of the linear score, W(i, j).
  private static func strongestRows(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ItemIndex]
  {
    guard let model = context.view?.generation.linear, let row = context.view?.row(of: item) else {
      return []
    }
    scratch.ranking.begin(2 * citedMax)
    for (place, taken) in scratch.taste.rows.enumerated() {
      let (rows, scores) = model.neighbours(of: Int(taken))
      for entry in 0..<min(rows.count, scores.count) where Int(rows[entry]) == row {
        if scores[entry] > 0 { insert(scratch.taste.items[place], scores[entry], scratch) }
        break
      }
    }
    return best(scratch)
  }

  /// Users with the item that are looked at for what they share with the one who asks: the nearest say most of it.
  private static let sharersMax = 8

  /// The items of the history that make alike: those the user shares with the nearest of the like users who took the
  /// item, by their part in the likeness and what these users say for it.
  private static func strongestShared(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ItemIndex]
  {
    guard let view = context.view, let index = view.generation.userNeighbours?.index,
      let row = view.row(of: item)
    else { return [] }
    scratch.contributions.removeAll(keepingCapacity: true)
    scratch.contributions.append(contentsOf: repeatElement(0, count: scratch.taste.rows.count))
    var sharers = 0
    for user in scratch.similarUsers.users where sharers < sharersMax {
      let said = index.score(of: UInt32(truncatingIfNeeded: row), by: user)
      guard said > 0 else { continue }
      sharers += 1
      for (place, taken) in scratch.taste.rows.enumerated() {
        scratch.contributions[place] +=
          said * scratch.taste.confidences[place] * index.itemWeights[Int(taken)]
          * index.share(of: user, in: Int(taken))
      }
    }
    scratch.ranking.begin(2 * citedMax)
    for place in scratch.taste.rows.indices where scratch.contributions[place] > 0 {
      // That they had the item itself is no reason to show it.
      guard scratch.taste.items[place] != item else { continue }
      insert(scratch.taste.items[place], scratch.contributions[place], scratch)
    }
    return best(scratch)
  }

  private static func insert(_ item: ItemIndex, _ share: Float, _ scratch: ReadScratch) {
    scratch.ranking.insert(
      Ranking.Entry(score: Double(share), tie: UInt64(item.value), number: item.value))
  }

  private static func best(_ scratch: ReadScratch) -> [ItemIndex] {
    scratch.ranking.sort()
    return scratch.ranking.entries.map { ItemIndex($0.number) }
  }
}
