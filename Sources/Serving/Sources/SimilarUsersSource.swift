import LiveState
import Models
import Vocabulary

/// What users like this one took. The user is compared by their live history on every request, so that one who is
/// newer than the generation has neighbours as well; `UserIndex` has the arithmetic.
enum SimilarUsersSource {
  /// What the search and the sums take is bounded by `Limits.userEntriesPerRequestMax` and `similarUsersMax`, but
  /// touches memory all over the index: so it looks at the deadline like the factor scan.
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.userNeighbours, !scratch.taste.rows.isEmpty
    else { return }
    let began = context.clock.now
    guard began &+ scratch.similarUsersTime.nanoseconds < scratch.pace.end else {
      scratch.similarUsersTime.skipped()
      scratch.skip(.similarUsers)
      return
    }
    let index = model.index
    scratch.taste.rows.withUnsafeBufferPointer { rows in
      scratch.taste.confidences.withUnsafeBufferPointer { confidences in
        index.findNearest(
          rows: rows, confidences: confidences, except: scratch.query.asker.map { StableHash.of($0.bytes) },
          scratch.similarUsers)
      }
    }
    scratch.sums.begin(view.generation.itemCount)
    scratch.similarUsers.users.withUnsafeBufferPointer { users in
      scratch.similarUsers.weights.withUnsafeBufferPointer { weights in
        scratch.sums.add(index.userLists, users, weights: weights)
      }
    }
    NeighbourSource.offerSums(as: .similarUsers, width, view, context, scratch)
    scratch.similarUsersTime.took(context.clock.now &- began)
  }
}
