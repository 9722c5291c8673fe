import LiveState
import Models
import Vocabulary

/// Windowed popularity within the user's segments: the values of their attributes and the categories they touched
/// lately, mixed as `SegmentMix` says.
enum SegmentPopularSource {
  /// O(segments × their lists).
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.segments,
      !scratch.segments.popular.parts.isEmpty
    else { return }
    scratch.sums.begin(view.generation.itemCount)
    for part in scratch.segments.popular.parts {
      let (rows, scores) = model.list(of: part.segment)
      scratch.sums.add(rows, scores, weight: part.weight / scores[0])
    }
    NeighbourSource.offerSums(as: .segmentPopular, width, view, context, scratch)
  }

  /// The segment that adds most to an item's score, in words; empty if none names it. Allocates: for the reply.
  static func strongestSegment(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch) -> String {
    guard let view = context.view, let model = view.generation.segments, let row = view.row(of: item) else {
      return ""
    }
    var best: (segment: Int, share: Float)?
    for part in scratch.segments.popular.parts {
      let (rows, scores) = model.list(of: part.segment)
      for place in 0..<min(rows.count, scores.count) where Int(rows[place]) == row {
        let share = part.weight * scores[place] / scores[0]
        if best.map({ share > $0.share }) ?? true { best = (part.segment, share) }
        break
      }
    }
    return best.map { model.value(of: $0.segment) } ?? ""
  }
}
