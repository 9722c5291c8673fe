import Glibc
import LiveState
import Models
import Vocabulary

/// One source's own score of any one item, in the parts it is the sum of: the same numbers as the source adds up for
/// all items at once, looked up for one.
///
/// REQUIRES, of every member: the scratch is that of a request whose gather step has run.
enum OwnScore {
  /// The parts; empty where the source has nothing to say of the item. Allocates: for explanations.
  static func parts(
    of item: ItemIndex, from source: SourceKind, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ContributionPart] {
    switch source {
    case .popular: listed(item, context.view?.generation.popularity, context)
    case .trending: trending(item, context)
    case .newest: newest(item, scratch)
    case .segmentPopular: segmentPopular(item, context, scratch)
    case .segmentTrending: segmentTrending(item, context, scratch)
    case .repeats: repeats(item, scratch)
    case .transitions: neighbours(item, context.view?.generation.transitions, context, scratch)
    case .cooccurrence: neighbours(item, context.view?.generation.cooccurrence, context, scratch)
    case .linear: linear(item, context, scratch)
    case .similarUsers: similarUsers(item, context, scratch)
    case .ials: factors(item, context, scratch)
    case .content: content(item, context, scratch)
    case .near: whole(item, .near, "nearness", scratch)
    case .members: whole(item, .members, "members", scratch)
    case .memberTaste: whole(item, .memberTaste, "taste", scratch)
    }
  }

  /// What each item of the history adds by what both say of themselves.
  private static func content(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    guard let (items, parts) = ContentSource.parts(of: item, context, scratch) else { return [] }
    return zip(items, parts).map { part($0, Double($1), context) }
  }

  /// What the source said when it named the item, in one part.
  private static func whole(
    _ item: ItemIndex, _ source: SourceKind, _ name: String, _ scratch: ReadScratch
  ) -> [ContributionPart] {
    guard let number = scratch.candidates.number(of: item) else { return [] }
    let opinion = scratch.candidates.opinion(number, source)
    return opinion.rank > 0 ? [ContributionPart(name: name, value: Double(opinion.score))] : []
  }

  // MARK: Lists

  private static func listed(_ item: ItemIndex, _ model: PopularityModel?, _ context: ReadContext)
    -> [ContributionPart]
  {
    guard let model, let row = context.view?.row(of: item) else { return [] }
    for place in 0..<min(model.rows.count, model.scores.count) where Int(model.rows[place]) == row {
      return [ContributionPart(name: "popularity", value: Double(model.scores[place]))]
    }
    return []
  }

  private static func trending(_ item: ItemIndex, _ context: ReadContext) -> [ContributionPart] {
    let list = context.trending
    for place in 0..<min(list.items.count, list.scores.count) where list.items[place] == item {
      return [ContributionPart(name: "trend", value: Double(list.scores[place]))]
    }
    return []
  }

  /// One over the rank it was named with: the list has no other number.
  private static func newest(_ item: ItemIndex, _ scratch: ReadScratch) -> [ContributionPart] {
    guard let number = scratch.candidates.number(of: item) else { return [] }
    let opinion = scratch.candidates.opinion(number, .newest)
    return opinion.rank > 0 ? [ContributionPart(name: "age", value: Double(opinion.score))] : []
  }

  // MARK: Segments

  private static func segmentPopular(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    guard let view = context.view, let model = view.generation.segments, let row = view.row(of: item) else {
      return []
    }
    var parts: [ContributionPart] = []
    for part in scratch.segments.popular.parts {
      let (rows, scores) = model.list(of: part.segment)
      for place in 0..<min(rows.count, scores.count) where Int(rows[place]) == row {
        let share = part.weight / scores[0] * scores[place]
        parts.append(ContributionPart(name: model.value(of: part.segment), value: Double(share)))
        break
      }
    }
    return parts
  }

  private static func segmentTrending(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    var parts: [ContributionPart] = []
    for part in scratch.segments.trending.parts {
      let places = context.categoryTrends.places(of: part.segment)
      guard let first = places.first, context.trending.scores[Int(first)] > 0 else { continue }
      let weight = part.weight / context.trending.scores[Int(first)]
      for place in places where context.trending.items[Int(place)] == item {
        parts.append(
          ContributionPart(
            name: context.categoryTrends.name(of: part.segment),
            value: Double(weight * context.trending.scores[Int(place)])))
        break
      }
    }
    return parts
  }

  // MARK: The user's own

  private static func repeats(_ item: ItemIndex, _ scratch: ReadScratch) -> [ContributionPart] {
    guard scratch.query.allowsSeen, let user = scratch.query.user,
      let had = user.items.first(where: { $0.item == item && $0.count > 0 && $0.weight > 0 })
    else { return [] }
    var newest: UInt32 = 0
    for item in user.items { newest = max(newest, item.seconds) }
    let score = Double(had.count) * exp2(-Double(newest - had.seconds) / RepeatSource.halfLifeSeconds)
    return [ContributionPart(name: "habit", value: score)]
  }

  /// weight(s) · neighbour(s, item) of each starting point.
  private static func neighbours(
    _ item: ItemIndex, _ model: NeighbourModel?, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [ContributionPart] {
    guard let model, let row = context.view?.row(of: item) else { return [] }
    var parts: [ContributionPart] = []
    for start in scratch.starts {
      guard let score = weight(model, from: start.row, to: row) else { continue }
      parts.append(part(start.item, Double(start.weight * score), context))
    }
    return parts
  }

  /// W(i, item) of each item i of the history.
  private static func linear(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    guard let model = context.view?.generation.linear, let row = context.view?.row(of: item) else {
      return []
    }
    var parts: [ContributionPart] = []
    for (place, taken) in scratch.taste.rows.enumerated() {
      guard let score = weight(model, from: Int(taken), to: row) else { continue }
      parts.append(part(scratch.taste.items[place], Double(score), context))
    }
    return parts
  }

  private static func weight(_ model: NeighbourModel, from start: Int, to row: Int) -> Float? {
    let (rows, scores) = model.neighbours(of: start)
    for place in 0..<min(rows.count, scores.count) where Int(rows[place]) == row { return scores[place] }
    return nil
  }

  /// What the like users say for the item, each word divided among the items of the history by their part in the
  /// likeness of that user. Where the search for like users stopped early, at `Limits.userEntriesPerRequestMax`, items it
  /// did not read take part in the division all the same: the sum is the source's, the shares are nearly its own.
  private static func similarUsers(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    guard let view = context.view, let index = view.generation.userNeighbours?.index,
      let row = view.row(of: item)
    else { return [] }
    let taste = scratch.taste
    var values = [Double](repeating: 0, count: taste.rows.count)
    var shares = values
    for (place, user) in scratch.similarUsers.users.enumerated() {
      let said = Double(
        scratch.similarUsers.weights[place] * index.score(of: UInt32(truncatingIfNeeded: row), by: user))
      guard said != 0 else { continue }
      var sum = 0.0
      for (number, taken) in taste.rows.enumerated() {
        let isUsed = taste.confidences[number] > 0 && Int(taken) < index.itemCount
        shares[number] =
          isUsed
          ? Double(
            taste.confidences[number] * index.itemWeights[Int(taken)] * index.share(of: user, in: Int(taken)))
          : 0
        sum += shares[number]
      }
      guard sum > 0 else { continue }
      for number in values.indices { values[number] += said * shares[number] / sum }
    }
    return values.indices.filter { values[$0] != 0 }.map { part(taste.items[$0], values[$0], context) }
  }

  /// s_j = vᵢᵀ W vⱼ cⱼ of each item j of the history (Hu, Koren and Volinsky 2008, section 5); for `Similar` the cosine
  /// with the item asked about.
  private static func factors(_ item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ContributionPart]
  {
    guard let view = context.view, let model = view.generation.factors, let row = view.row(of: item),
      let memory = scratch.factors, memory.fits(model)
    else { return [] }
    if scratch.query.purpose == .similar {
      guard let number = scratch.candidates.number(of: item), let start = scratch.starts.first else {
        return []
      }
      let opinion = scratch.candidates.opinion(number, .ials)
      return opinion.rank > 0 ? [part(start.item, Double(opinion.score), context)] : []
    }
    guard memory.hasVector else { return [] }
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
    return (0..<count).map { part(scratch.taste.items[$0], Double(scratch.contributions[$0]), context) }
  }

  private static func part(_ item: ItemIndex, _ value: Double, _ context: ReadContext) -> ContributionPart {
    ContributionPart(item: context.catalogue.identifier(item), value: value)
  }
}
