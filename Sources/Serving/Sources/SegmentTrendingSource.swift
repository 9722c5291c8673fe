import LiveState
import Models
import Vocabulary

/// What trends within the categories the user touched lately; needs no generation. Countries have no trend of their
/// own, see `CategoryTrends`.
enum SegmentTrendingSource {
  /// O(categories × what trends in them).
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard !scratch.segments.trending.parts.isEmpty else { return }
    let list = context.trending
    scratch.sums.begin(context.catalogue.count)
    for part in scratch.segments.trending.parts {
      let places = context.categoryTrends.places(of: part.segment)
      guard let first = places.first, list.scores[Int(first)] > 0 else { continue }
      let weight = part.weight / list.scores[Int(first)]
      for place in places {
        let item = list.items[Int(place)]
        // The list may be a moment newer than the catalogue.
        guard context.catalogue.contains(item) else { continue }
        scratch.sums.add(item.value, weight * list.scores[Int(place)])
      }
    }
    scratch.ranking.begin(width)
    let (found, sums) = scratch.sums.positives()
    for (place, value) in found.enumerated() {
      let item = ItemIndex(value)
      let entry = Ranking.Entry(
        score: Double(sums[place]), tie: UInt64(value), number: value)
      guard scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else { continue }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .segmentTrending)
  }

  /// The heaviest category in which the item trends; empty if there is none.
  static func strongestSegment(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> String {
    var best: (category: Int, share: Float)?
    for part in scratch.segments.trending.parts {
      let places = context.categoryTrends.places(of: part.segment)
      guard let first = places.first else { continue }
      for place in places where context.trending.items[Int(place)] == item {
        let share =
          part.weight * context.trending.scores[Int(place)] / context.trending.scores[Int(first)]
        if best.map({ share > $0.share }) ?? true { best = (part.segment, share) }
        break
      }
    }
    return best.map { context.categoryTrends.name(of: $0.category) } ?? ""
  }
}
