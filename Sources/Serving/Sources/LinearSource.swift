import LiveState
import Models
import Vocabulary

/// The linear item model: the sum of the rows of everything the user has,
///
///     score(j) = Σ_i W(i, j)
///
/// each item counting alike, as the model was measured (Steck, "Embarrassingly shallow autoencoders for sparse data",
/// WWW 2019, and the graph filters named in `LinearItems`). Where transitions look at the newest items, this looks at
/// all of them.
enum LinearSource {
  /// O(history × neighbours), at most `Limits.foldInItemsMax` and a session's items of them.
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.linear, !scratch.taste.rows.isEmpty else {
      return
    }
    scratch.sums.begin(view.generation.itemCount)
    scratch.taste.rows.withUnsafeBufferPointer { scratch.sums.add(model.lists, $0) }
    NeighbourSource.offerSums(as: .linear, width, view, context, scratch)
  }
}
