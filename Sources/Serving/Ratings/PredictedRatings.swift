import LiveState
import Models
import Vocabulary

/// What the user would rate an item: the generation's model of ratings with the user folded in from the live state, so
/// that a rating counts from the next request on.
enum PredictedRatings {
  /// Folds the user in, or nobody in particular if the user is unknown: then items differ by their bias only.
  /// - Returns: nil if the generation has no model of ratings.
  static func foldIn(_ context: ReadContext, _ scratch: ReadScratch) -> RatingModel? {
    guard let view = context.view, let model = view.generation.ratings else { return nil }
    collect(view, context, scratch)
    let memory = scratch.ratings
    memory.fit(model)
    memory.rows.withUnsafeBufferPointer { rows in
      memory.values.withUnsafeBufferPointer { values in
        if let foldIn = memory.foldIn { model.foldIn(rows: rows, values: values, into: foldIn) }
      }
    }
    return model
  }

  /// REQUIRES: `model` is what `foldIn` returned for this request.
  static func rating(
    of item: ItemIndex, _ model: RatingModel, _ context: ReadContext, _ scratch: ReadScratch
  ) -> Float? {
    scratch.ratings.foldIn.map { model.predict(row: context.view?.row(of: item), $0) }
  }

  /// The user's newest ratings of items that the generation knows.
  private static func collect(_ view: GenerationView, _ context: ReadContext, _ scratch: ReadScratch) {
    let memory = scratch.ratings
    memory.rows.removeAll(keepingCapacity: true)
    memory.values.removeAll(keepingCapacity: true)
    guard let user = scratch.query.user else { return }
    scratch.ranking.begin(Limits.foldInRatingsMax)
    for (number, rating) in user.ratings.enumerated() where view.row(of: rating.item) != nil {
      scratch.ranking.insert(
        Ranking.Entry(
          score: Double(rating.seconds), tie: UInt64(rating.item.value),
          number: UInt32(truncatingIfNeeded: number)))
    }
    scratch.ranking.sort()
    for entry in scratch.ranking.entries {
      let rating = user.ratings[Int(entry.number)]
      guard let row = view.row(of: rating.item) else { continue }
      memory.rows.append(UInt32(truncatingIfNeeded: row))
      memory.values.append(rating.value)
    }
  }
}

/// Memory for predicting ratings, reused from request to request.
final class PredictionScratch {
  /// Rows and values of the ratings folded in.
  var rows: [UInt32] = []
  var values: [Float] = []
  /// Nil until a rating was predicted.
  private(set) var foldIn: RatingScratch?

  init() {}

  /// Makes the memory for a model unless the last one fits. Allocates after a new generation.
  func fit(_ model: RatingModel) {
    if let foldIn, foldIn.fits(model) { return }
    foldIn = RatingScratch(for: model)
  }
}
