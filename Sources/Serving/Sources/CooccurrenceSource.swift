import Models
import Vocabulary

/// What is found in the same baskets and sessions as the newest items of the history, the basket or the item asked
/// about.
enum CooccurrenceSource {
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.cooccurrence else { return }
    NeighbourSource.gather(model, .cooccurrence, width, view, context, scratch)
  }
}
