import Models
import Vocabulary

/// What users went on to after the newest items of the history, the basket or the item asked about.
enum TransitionSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.transitions else { return }
    NeighbourSource.gather(model, .transitions, width, view, context, scratch)
  }
}
