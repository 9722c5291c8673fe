import LiveState
import Vocabulary

/// Memory for requests about bundles, reused from request to request.
final class BundleScratch {
  /// What bundles begin with, best first.
  var pairs: [Pair] = []
  /// Items the user bought or has in the basket.
  let owned = MarkTable()

  /// A bundle's first two.
  struct Pair {
    var seed: Start
    var partner: ItemIndex
    var row: Int
    var affinity: Float
  }
}
