import Glibc

/// Sums of the rows and columns of a pair matrix, to powers: the diagonal matrices by which the linear models
/// normalise.
package struct DegreePowers: Sendable {
  /// Sum of each row's confidences.
  package let rows: [Double]
  /// Sum of each column's confidences.
  package let columns: [Double]

  /// O(pairs).
  package init(_ pairs: PairMatrix) {
    var rows = [Double](repeating: 0, count: pairs.rowCount)
    var columns = [Double](repeating: 0, count: pairs.columnCount)
    for row in 0..<pairs.rowCount {
      for pair in pairs.pairs(of: row) {
        let value = Double(pairs.confidences[pair])
        rows[row] += value
        columns[Int(pairs.columns[pair])] += value
      }
    }
    self.rows = rows
    self.columns = columns
  }

  /// (degree + shrinkage)^−exponent; 0 for what has no pair.
  package static func inverse(_ degrees: [Double], exponent: Double, shrinkage: Double = 0) -> [Float] {
    degrees.map { $0 > 0 ? Float(pow($0 + shrinkage, -exponent)) : 0 }
  }
}
