import LiveState
import Models
import Vocabulary

/// The numbers behind one candidate's place, each taken apart into what it is the sum of.
enum Contributions {
  /// The trees of this request, ready to be asked for their parts; nil where they had no say. O(nodes).
  static func trees(_ context: ReadContext, _ scratch: ReadScratch) -> TreeAttribution? {
    guard scratch.blend.isOrdering, let model = context.view?.generation.blend else { return nil }
    return TreeAttribution(model.trees)
  }

  /// Fusion, the trees where they ordered the candidate, what the score was multiplied with afterwards, and every source
  /// that named it. Allocates: for the reply.
  ///
  /// The score served is 1 / (1 + e^−total) of the trees where they judged the candidate, else the total of fusion, times
  /// the total of the factors where there are any. A later page has only what sources say: its scores were made with
  /// the first.
  static func of(
    _ number: Int, _ trees: TreeAttribution?, _ context: ReadContext, _ scratch: ReadScratch
  ) -> [Contribution] {
    var list: [Contribution] = []
    let item = scratch.candidates.items[number]
    if !scratch.query.isTurning {
      if let fusion = fusion(number, context, scratch) { list.append(fusion) }
      if let trees, let blend = blend(number, trees, scratch) { list.append(blend) }
      if let factors = factors(number, context, scratch) { list.append(factors) }
      if scratch.worthMean > 0, number < scratch.worths.count {
        list.append(
          Contribution(
            .worth, total: scratch.worths[number],
            parts: strongest(ObjectiveScore.parts(of: item, context, scratch))))
      }
    }
    for source in SourceKind.allCases {
      let opinion = scratch.candidates.opinion(number, source)
      guard opinion.rank > 0 else { continue }
      let parts = OwnScore.parts(of: item, from: source, context, scratch)
      if parts.isEmpty { continue }
      list.append(
        Contribution(.source, source: source, total: Double(opinion.score), parts: strongest(parts)))
    }
    return list
  }

  /// weight / (C + rank) of each source. Nil for a filler, which no source spoke for.
  private static func fusion(_ number: Int, _ context: ReadContext, _ scratch: ReadScratch) -> Contribution? {
    guard number < scratch.candidates.fillStart else { return nil }
    let isRest = scratch.blend.isOrdering && scratch.blend.place(of: number) == nil
    let scale = isRest ? scratch.blend.restScale : 1
    var parts: [ContributionPart] = []
    var total = 0.0
    for source in SourceKind.allCases {
      let rank = scratch.candidates.opinion(number, source).rank
      guard rank > 0 else { continue }
      let share =
        scale * scratch.weights[Int(source.rawValue)] / (context.settings.fusionConstant + Double(rank))
      total += share
      parts.append(ContributionPart(name: source.name, value: share))
    }
    for share in scratch.tasteShares where Int(share.number) == number {
      total += share.value
      parts.append(ContributionPart(name: "taste_" + share.source.name, value: share.value))
    }
    return parts.isEmpty ? nil : Contribution(.fusion, total: total, parts: strongest(parts))
  }

  /// What the score was multiplied with after fusion or trees; nil where nothing did. A filler has no score.
  private static func factors(_ number: Int, _ context: ReadContext, _ scratch: ReadScratch) -> Contribution?
  {
    guard number < scratch.candidates.fillStart else { return nil }
    let item = scratch.candidates.items[number]
    var parts: [ContributionPart] = []
    if scratch.rules.hasBoosts {
      parts.append(ContributionPart(name: "boost", value: scratch.rules.boost(item, context.catalogue)))
    }
    if scratch.hasTired, scratch.tired[item] != nil {
      parts.append(ContributionPart(name: "fatigue", value: context.settings.fatigue.factor))
    }
    if scratch.worthMean > 0, number < scratch.worths.count {
      parts.append(
        ContributionPart(name: "objectives", value: ObjectiveScore.factor(of: number, context, scratch)))
    }
    return parts.isEmpty
      ? nil : Contribution(.factors, total: parts.reduce(1) { $0 * $1.value }, parts: parts)
  }

  private static func blend(_ number: Int, _ trees: TreeAttribution, _ scratch: ReadScratch) -> Contribution?
  {
    guard let place = scratch.blend.place(of: number) else { return nil }
    let values = trees.parts(scratch.blend.features + place * BlendFeature.count)
    var parts = BlendFeature.allCases.compactMap { feature in
      values[feature.rawValue] == 0
        ? nil : ContributionPart(name: feature.name, value: values[feature.rawValue])
    }
    parts.append(ContributionPart(name: "base", value: trees.base))
    return Contribution(.blend, total: Double(scratch.blend.margins[place]), parts: strongest(parts))
  }

  /// The largest in size first, of equal ones the one that came first; what is too many becomes one part called rest.
  static func strongest(_ parts: [ContributionPart]) -> [ContributionPart] {
    let order = parts.indices.sorted {
      let (left, right) = (parts[$0].value.magnitude, parts[$1].value.magnitude)
      return left == right ? $0 < $1 : left > right
    }
    guard order.count > Limits.contributionPartsMax + 1 else { return order.map { parts[$0] } }
    let rest = order[Limits.contributionPartsMax...].reduce(0.0) { $0 + parts[$1].value }
    return order[..<Limits.contributionPartsMax].map { parts[$0] } + [
      ContributionPart(name: "rest", value: rest)
    ]
  }
}
