import LiveState
import Models
import Vocabulary

/// Windowed popularity of the serving generation.
enum PopularSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    walk(context, scratch) { rank in rank < width }
  }

  static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    walk(context, scratch) { _ in ListSource.isShort(scratch) }
  }

  /// O(width + forbidden).
  private static func walk(_ context: ReadContext, _ scratch: ReadScratch, while goesOn: (Int) -> Bool) {
    guard let view = context.view, let model = view.generation.popularity else { return }
    let (rows, scores) = (model.rows, model.scores)
    var rank = 0
    for place in 0..<min(rows.count, scores.count) {
      guard goesOn(rank) else { return }
      guard let item = view.index(ofRow: Int(rows[place])) else { continue }
      if ListSource.offer(item, .popular, after: rank, score: scores[place], context, scratch) { rank += 1 }
    }
  }
}
