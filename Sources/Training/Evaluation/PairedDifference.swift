/// How far one model is ahead of another on the same queries in one metric, with the standard error of the mean
/// difference: queries differ far more among each other than two models on the same query.
package struct PairedDifference: Sendable, Hashable {
  /// Mean of first minus second.
  package let mean: Double
  package let standardError: Double
  package let queries: Int

  /// Nil if nobody was asked, or not the same was.
  package init?(
    _ first: Evaluator.Result, _ second: Evaluator.Result, metric: String = PairedDifference.deciding
  ) {
    guard let column = first.names.firstIndex(of: metric), first.names == second.names,
      first.perQuery.count == second.perQuery.count, !first.perQuery.isEmpty
    else { return nil }
    let places = stride(from: column, to: first.perQuery.count, by: first.names.count)
    self.init(places.map { first.perQuery[$0] }, places.map { second.perQuery[$0] })
  }

  /// REQUIRES: as many in both, the same question at the same place. No difference and no error without questions, no
  /// error for one. O(count).
  package init(_ ours: [Double], _ theirs: [Double]) {
    precondition(ours.count == theirs.count, "a difference of pairs")
    let differences = zip(ours, theirs).map { $0 - $1 }
    let count = Double(max(1, differences.count))
    let mean = differences.reduce(0, +) / count
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    self.mean = mean
    standardError = (variance / count).squareRoot()
    queries = differences.count
  }

  /// Ahead by more than one standard error, so that noise alone wins one time in six and not in two.
  package var isAhead: Bool { mean > standardError && mean > 0 }

  /// The metric that decides unless another is named.
  package static let deciding = "NDCG@10"
}
