import LiveState
import Models
import Vocabulary

/// Windowed popularity of the serving generation.
enum PopularSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.popularity else { return }
    let (rows, scores) = (model.rows, model.scores)
    ListSource.offer(first: width, of: min(rows.count, scores.count), as: .popular, context, scratch) {
      place, _ in
      view.index(ofRow: Int(rows[place])).map { ($0, scores[place]) }
    }
  }

  static func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.popularity else { return }
    let (rows, scores) = (model.rows, model.scores)
    var rank = 0
    for place in 0..<min(rows.count, scores.count) {
      guard ListSource.isShort(scratch) else { return }
      guard let item = view.index(ofRow: Int(rows[place])) else { continue }
      if ListSource.offer(item, .popular, after: rank, score: scores[place], context, scratch) { rank += 1 }
    }
  }
}
