/// How the content model is trained.
package struct ContentSettings: Sendable, Hashable {
  /// Length of a content vector at most; fewer where there are fewer items or features.
  package var dimensions = 128
  /// What a fact of the catalogue weighs beside a text of length one.
  package var factWeight = 0.3
  /// Ridge of the regression to factors, as a share of the summed weights of the items learned from.
  package var ridge = 0.001
  /// An item counts in the regression as often as it has pairs, at most this often.
  package var countMax = 50.0
  /// Rows the decomposition looks at, evenly spread; all rows are projected.
  package var rowsMax = 50_000
  /// Directions iterated beyond those kept, and rounds of iteration.
  package var oversampling = 32
  package var iterations = 3
  package var seed: UInt64 = 1
  package init() {}
}
