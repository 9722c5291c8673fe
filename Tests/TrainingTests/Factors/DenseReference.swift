import Foundation
import Training

/// iALS the slow and obvious way: double precision, no change of basis, Gauss elimination.
struct DenseReference {
  let settings: FactorSettings
  var users: [[Double]]
  var items: [[Double]]

  init(_ pairs: PairMatrix, settings: FactorSettings) {
    self.settings = settings
    users = [[Double]](repeating: [Double](repeating: 0, count: settings.dimensions), count: pairs.rowCount)
    let start = FactorMatrix(rowCount: pairs.columnCount, dimensions: settings.dimensions)
    let byItem = pairs.transposed()
    start.fillNormal(
      deviation: settings.initialScale / Double(settings.dimensions).squareRoot(), seed: settings.seed,
      rows: (0..<start.rowCount).filter { !byItem.pairs(of: $0).isEmpty })
    items = (0..<start.rowCount).map { row in (0..<settings.dimensions).map { Double(start.row(row)[$0]) } }
    for _ in 0..<settings.iterations {
      users = sweep(pairs, fixed: items)
      items = sweep(byItem, fixed: users)
    }
  }

  private func sweep(_ pairs: PairMatrix, fixed: [[Double]]) -> [[Double]] {
    let d = settings.dimensions
    var gram = [[Double]](repeating: [Double](repeating: 0, count: d), count: d)
    for row in fixed { for a in 0..<d { for b in 0..<d { gram[a][b] += row[a] * row[b] } } }
    return (0..<pairs.rowCount).map { row in
      let range = pairs.pairs(of: row)
      if range.isEmpty { return [Double](repeating: 0, count: d) }
      let lambda =
        settings.regularisation
        * pow(
          Double(range.count) + settings.unobservedWeight * Double(fixed.count),
          settings.regularisationExponent)
      var system = gram.map { $0.map { settings.unobservedWeight * $0 } + [0] }
      for a in 0..<d { system[a][a] += lambda }
      for pair in range {
        let (h, c) = (fixed[Int(pairs.columns[pair])], Double(pairs.confidences[pair]))
        for a in 0..<d {
          for b in 0..<d { system[a][b] += c * h[a] * h[b] }
          system[a][d] += c * h[a]
        }
      }
      return Self.eliminate(&system)
    }
  }

  private static func eliminate(_ system: inout [[Double]]) -> [Double] {
    let n = system.count
    for pivot in 0..<n {
      let best = (pivot..<n).max { abs(system[$0][pivot]) < abs(system[$1][pivot]) } ?? pivot
      system.swapAt(pivot, best)
      for row in 0..<n where row != pivot {
        let factor = system[row][pivot] / system[pivot][pivot]
        for column in pivot...n { system[row][column] -= factor * system[pivot][column] }
      }
    }
    return (0..<n).map { system[$0][n] / system[$0][$0] }
  }

  func score(_ user: Int, _ item: Int) -> Double {
    zip(users[user], items[item]).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
