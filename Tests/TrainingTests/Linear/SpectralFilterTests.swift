import Foundation
import Testing
import Training

@Suite struct SpectralFilterTests {
  /// NᵀN of the normalised matrix.
  private func normalGram(_ pairs: PairMatrix) -> (gram: [[Double]], degrees: [Double]) {
    let rows = Pairs.dense(pairs)
    let n = pairs.columnCount
    let degrees = (0..<n).map { item in rows.reduce(0) { $0 + $1[item] } }
    var gram = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for row in rows {
      let user = row.reduce(0, +)
      if user == 0 { continue }
      for i in 0..<n where row[i] > 0 {
        for j in 0..<n where row[j] > 0 {
          gram[i][j] += row[i] * row[j] / (user * (degrees[i] * degrees[j]).squareRoot())
        }
      }
    }
    return (gram, degrees)
  }

  /// Eigenvectors by Jacobi rotations, largest first: slow, and nothing in common with subspace iteration.
  private func eigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
    let n = matrix.count
    var a = matrix
    var v = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
    for _ in 0..<60 {
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) where abs(a[p][q]) > 1e-14 {
          let angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p])
          let (c, s) = (cos(angle), sin(angle))
          for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
          for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
          for k in 0..<n { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
        }
      }
    }
    let order = (0..<n).sorted { a[$0][$0] > a[$1][$1] }
    return (order.map { a[$0][$0] }, order.map { column in (0..<n).map { v[$0][column] } })
  }

  @Test(arguments: [5, 6, 7] as [UInt64]) func findsTheLeadingDirections(seed: UInt64) throws {
    let pairs = Pairs.random(seed: seed, users: 80, items: 24, weighted: true)
    var settings = SpectralFilter.Settings()
    (settings.dimensions, settings.oversampling, settings.iterations) = (3, 8, 60)
    settings.weight = 2
    let filter = try #require(SpectralFilter(pairs, settings: settings, pool: ThreadPool(threads: 2)))
    let (gram, degrees) = normalGram(pairs)
    let (values, vectors) = eigen(gram)
    for place in 0..<3 {
      #expect(
        Double(filter.singularValues[place]).isNear(values[place].squareRoot(), 1e-4), "seed \(seed)")
    }
    // The projection does not depend on the signs of the vectors.
    for i in 0..<24 {
      for j in 0..<24 {
        var wanted = 0.0
        for vector in vectors.prefix(3) where degrees[i] > 0 && degrees[j] > 0 {
          wanted += 2 * vector[i] * vector[j] * (degrees[j] / degrees[i]).squareRoot()
        }
        let found = (0..<3).reduce(0.0) { $0 + Double(filter.inputs.row(i)[$1] * filter.outputs.row(j)[$1]) }
        #expect(found.isNear(wanted, 2e-3), "seed \(seed), \(i) → \(j)")
      }
    }
  }

  @Test func threadsChangeNoBit() throws {
    let pairs = Pairs.random(seed: 8, users: 300, items: 90)
    var settings = SpectralFilter.Settings()
    settings.dimensions = 10
    let one = try #require(SpectralFilter(pairs, settings: settings, pool: ThreadPool(threads: 1)))
    let three = try #require(SpectralFilter(pairs, settings: settings, pool: ThreadPool(threads: 3)))
    #expect(one.outputs.values.array() == three.outputs.values.array())
    #expect(one.inputs.values.array() == three.inputs.values.array())
  }

  @Test func addsToTheNeighbours() throws {
    let pairs = Pairs.random(seed: 9, users: 60, items: 20)
    let pool = ThreadPool(threads: 2)
    var settings = SpectralFilter.Settings()
    settings.dimensions = 4
    let spectral = try #require(SpectralFilter(pairs, settings: settings, pool: pool))
    let table = ItemFilterTrainer(neighbours: 5).train(pairs, pool: pool)
    let nothing = NeighbourTable(rowStart: [Int](repeating: 0, count: 21), rows: [], scores: [])
    let set = Pairs.queries(pairs)
    func scores(_ table: NeighbourTable, _ spectral: SpectralFilter?) -> [[Float]] {
      Pairs.scores(
        LinearFilterRanker(LinearFilter(neighbours: table, spectral: spectral), weight: .equal), set)
    }
    let (both, near, low) = (scores(table, spectral), scores(table, nil), scores(nothing, spectral))
    for user in both.indices {
      for item in 0..<20 {
        #expect(Double(both[user][item]).isNear(Double(near[user][item] + low[user][item]), 1e-5))
      }
    }
  }

  @Test func asksForNoMoreDirectionsThanThereAre() throws {
    let pairs = Pairs.random(seed: 10, users: 12, items: 6)
    let filter = try #require(
      SpectralFilter(pairs, settings: SpectralFilter.Settings(), pool: ThreadPool(threads: 1)))
    #expect(filter.inputs.dimensions == 6)
    let allFinite = filter.singularValues.allSatisfy(\.isFinite)
    #expect(allFinite)
  }
}
