/// How the content model is trained.
package struct ContentSettings: Sendable, Hashable {
  /// Length of a content vector at most; fewer where there are fewer items or features.
  package var dimensions = 256
  /// What a fact of the catalogue weighs beside a text of length one.
  package var factWeight = 0.3
  /// How fast likeness falls with distance in the regression to factors.
  package var bandwidth = 0.5
  /// Ridge of that regression; an item of mean weight has 1.
  package var ridge = 0.3
  /// Items it rests on, evenly spread.
  package var landmarks = 1024
  /// An item counts in the regression as often as it has pairs, at most this often.
  package var countMax = 50.0
  /// Rows that the decomposition and the regression look at, evenly spread; all rows are projected.
  package var rowsMax = 50_000
  /// Directions iterated beyond those kept, and rounds of iteration.
  package var oversampling = 32
  package var iterations = 3
  package var seed: UInt64 = 1
  package init() {}
}
