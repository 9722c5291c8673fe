import COpenBLAS

/// Ranks by iALS: folds the query's pairs in, as the daemon does on every request, and scores all items.
package struct FactorRanker: Ranker {
  private let factors: TrainedFactors

  package init(_ factors: TrainedFactors) { self.factors = factors }

  package var itemCount: Int { factors.items.rowCount }

  package final class Scratch: Sendable {
    fileprivate let solver: RowSolver
    /// The folded-in users of the last call, one row each.
    let users: SharedArray<Float>

    fileprivate init(solver: RowSolver, users: SharedArray<Float>) {
      self.solver = solver
      self.users = users
    }
  }

  package func makeScratch() -> Scratch {
    let d = factors.settings.dimensions
    return Scratch(
      solver: RowSolver(
        dimensions: d, basis: factors.basis, unobservedWeight: factors.settings.unobservedWeight),
      users: SharedArray(repeating: 0, count: Evaluator.batchQueries * d))
  }

  /// Writes the users of the queries into the scratch. REQUIRES: at most `Evaluator.batchQueries` queries.
  func foldIn(_ queries: [Query], scratch: Scratch) {
    let d = factors.settings.dimensions
    for (index, query) in queries.enumerated() {
      // A query that has no answer scores zero everywhere, and so ranks last.
      _ = scratch.solver.solve(
        columns: query.pairItems, confidences: query.pairConfidences, fixed: factors.items,
        regularisation: factors.settings.regularisation(pairs: query.pairItems.count, others: itemCount),
        into: scratch.users.pointer + index * d)
    }
  }

  /// REQUIRES: at most `Evaluator.batchQueries` queries.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    let d = factors.settings.dimensions
    foldIn(queries, scratch: scratch)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(queries.count), blasint(itemCount), blasint(d), 1,
      scratch.users.pointer, blasint(d), factors.items.values.pointer, blasint(d), 0, output,
      blasint(itemCount))
  }
}
