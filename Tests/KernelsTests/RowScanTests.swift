import Kernels
import Testing

/// The scan over codes gives what scoring every float gives, bit for bit.
@Suite struct RowScanTests {
  private struct Case {
    var rows: [Float]
    var vector: [Float]
    var weights: [Float] = []
    var allowed: [UInt16]?
  }

  /// Scores all, drops what is not allowed, sorts by score and row.
  private func reference(_ c: Case, _ count: Int, isWeighted: Bool) -> (rows: [UInt32], scores: [Float]) {
    var scores = [Float](repeating: 0, count: c.rows.count / c.vector.count)
    c.rows.withUnsafeBufferPointer { rows in
      c.vector.withUnsafeBufferPointer { vector in
        scores.withUnsafeMutableBufferPointer { Scoring.scoreRows(rows, vector, into: $0) }
      }
    }
    if isWeighted { for row in scores.indices { scores[row] *= c.weights[row] } }
    let order = scores.indices.filter { row in
      scores[row] > -.infinity && c.allowed.map { $0[row / 16] & (1 << UInt16(row % 16)) != 0 } ?? true
    }.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }.prefix(count)
    return (order.map { UInt32($0) }, order.map { scores[$0] })
  }

  private func check(_ c: Case, counts: [Int], _ label: Comment) {
    let width = c.vector.count
    c.rows.withUnsafeBufferPointer { rows in
      let codes = QuantisedRows(rows, width: width, weights: c.weights)
      let scan = RowScan(rows: codes.count + 5, width: width)
      for count in counts {
        for isWeighted in c.weights.isEmpty ? [false] : [false, true] {
          let expected = reference(c, count, isWeighted: isWeighted)
          let found = c.vector.withUnsafeBufferPointer { vector in
            guard let allowed = c.allowed else {
              return scan.best(count, of: codes, table: rows, vector, isWeighted: isWeighted)
            }
            return allowed.withUnsafeBufferPointer {
              scan.best(count, of: codes, table: rows, vector, isWeighted: isWeighted, allowed: $0)
            }
          }
          #expect(Array(found.rows) == expected.rows, label)
          #expect(found.scores.map(\.bitPattern) == expected.scores.map(\.bitPattern), label)
        }
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func isExact(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for width in [1, 3, 4, 17, 64, 100] {
      for count in [1, 15, 16, 33, 900] {
        var c = Case(rows: random.floats(count * width), vector: random.floats(width))
        // Rows of very different length, rows without anything, and rows that are equal.
        for row in 0..<count {
          let scale =
            Float.random(in: 0...1, using: &random) < 0.1 ? 0 : Float.random(in: 0.01...3, using: &random)
          for column in 0..<width { c.rows[row * width + column] *= scale }
          if row > 0, Float.random(in: 0...1, using: &random) < 0.2 {
            let twin = Int.random(in: 0..<row, using: &random)
            for column in 0..<width { c.rows[row * width + column] = c.rows[twin * width + column] }
          }
        }
        c.weights = random.floats(count, in: 0...2)
        check(c, counts: [0, 1, 10, count, count + 1], "seed \(seed), \(count) rows of \(width)")
        c.allowed = (0..<(count + 15) / 16).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
        check(c, counts: [1, 10], "seed \(seed), \(count) rows of \(width), filtered")
      }
    }
  }

  /// Numbers for which bounds would overflow or vanish are scored in floats.
  @Test(arguments: [1e-38, 1e-25, 1e-12, 1e12, 1e18, 3e37] as [Float]) func hugeAndTinyNumbersAreExactToo(
    _ size: Float
  ) {
    var random = SeededGenerator(seed: 3)
    var c = Case(rows: random.floats(50 * 8), vector: random.floats(8), weights: random.floats(50, in: 0...1))
    for place in 0..<200 { c.rows[place] *= size }
    check(c, counts: [5], "rows of \(size)")
    c.rows = random.floats(50 * 8)
    c.vector = c.vector.map { $0 * size }
    check(c, counts: [5], "vector of \(size)")
  }

  @Test func aVectorOfZerosAndRowsThatAreNoNumbers() {
    var random = SeededGenerator(seed: 4)
    var c = Case(rows: random.floats(40 * 6), vector: [Float](repeating: 0, count: 6))
    check(c, counts: [7], "zeros")
    c.vector = random.floats(6)
    c.rows[13] = .nan
    c.rows[30] = .infinity
    check(c, counts: [7, 40], "not finite")
  }

  /// The reason for codes: nearly all rows are settled by them.
  @Test func fewRowsAreScoredInFloats() {
    var random = SeededGenerator(seed: 5)
    let (count, width) = (20_000, 32)
    let rows = (0..<count * width).map { _ in
      (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
    }
    let vector = random.floats(width)
    rows.withUnsafeBufferPointer { rows in
      let codes = QuantisedRows(rows, width: width)
      let scan = RowScan(rows: count, width: width)
      let found = vector.withUnsafeBufferPointer { scan.best(100, of: codes, table: rows, $0).rows.count }
      #expect(found == 100)
      #expect(scan.scored < 500, "\(scan.scored) of \(count)")
    }
  }

  /// Items as a model of factors gives them: around some hundred tastes, of lengths that differ; asked by tastes. What
  /// a scan of clusters finds has exact scores, and is nearly all there is to find.
  @Test(arguments: [1, 2] as [UInt64]) func clustersLoseNextToNothing(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let (count, width, wanted) = (20_000, 24, 50)
    func normal() -> Float {
      (0..<6).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
    }
    let tastes = (0..<200).map { _ in (0..<width).map { _ in normal() } }
    let rows = (0..<count).flatMap { row in
      let length = Float.random(in: 0.3...1.5, using: &random)
      return tastes[row % 200].map { length * ($0 + 0.3 * normal()) }
    }
    var (hits, read, scored) = (0, 0, 0)
    let queries = 40
    rows.withUnsafeBufferPointer { rows in
      let plain = QuantisedRows(rows, width: width)
      let clustered = QuantisedRows(rows, width: width, clusters: RowClusters(rows, width: width))
      let (scan, reference) = (RowScan(rows: count, width: width), RowScan(rows: count, width: width))
      for query in 0..<queries {
        let vector = tastes[query * 5].map { $0 + 0.3 * normal() }
        vector.withUnsafeBufferPointer { vector in
          let expected = reference.best(wanted, of: plain, table: rows, vector)
          let found = scan.best(wanted, of: clustered, table: rows, vector)
          hits += Set(expected.rows).intersection(found.rows).count
          read += scan.read
          scored += scan.scored
          for (row, score) in zip(found.rows, found.scores) {
            let exact = Vectors.dot(
              UnsafeBufferPointer(rebasing: rows[Int(row) * width..<(Int(row) + 1) * width]), vector)
            #expect(score == exact, "seed \(seed)")
          }
          #expect(zip(found.scores, found.scores.dropFirst()).allSatisfy { $0 >= $1 }, "seed \(seed)")
        }
      }
    }
    #expect(Double(hits) >= 0.98 * Double(queries * wanted), "seed \(seed): \(hits) of \(queries * wanted)")
    #expect(read < queries * count / 3, "seed \(seed): \(read) of \(queries * count) read, \(scored) scored")
  }

  /// Nothing is near anything: then clusters are no help, and must not lose anything to speak of either.
  @Test func clustersOfNoise() {
    var random = SeededGenerator(seed: 6)
    let (count, width) = (6_000, 16)
    var c = Case(rows: random.floats(count * width), vector: random.floats(width))
    c.allowed = (0..<count / 16).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
    let expected = reference(c, 100, isWeighted: false)
    c.rows.withUnsafeBufferPointer { rows in
      let codes = QuantisedRows(rows, width: width, clusters: RowClusters(rows, width: width))
      let scan = RowScan(rows: count, width: width)
      let found = c.vector.withUnsafeBufferPointer { vector in
        (c.allowed ?? []).withUnsafeBufferPointer {
          scan.best(100, of: codes, table: rows, vector, allowed: $0)
        }
      }
      #expect(Set(found.rows).intersection(expected.rows).count >= 97)
    }
  }

  /// Weighted scans and those of few allowed rows read everything, clusters or not: exact.
  @Test func withClustersTheOtherScansStayExact() {
    var random = SeededGenerator(seed: 7)
    let (count, width) = (3_000, 10)
    var c = Case(rows: random.floats(count * width), vector: random.floats(width))
    c.weights = random.floats(count, in: 0...2)
    for isWeighted in [true, false] {
      // Every fiftieth row, if not weighted.
      c.allowed = isWeighted ? nil : (0..<(count + 15) / 16).map { $0 % 3 == 0 ? 8 : 0 }
      let expected = reference(c, 20, isWeighted: isWeighted)
      c.rows.withUnsafeBufferPointer { rows in
        let clusters = RowClusters(rows, width: width)
        let codes = QuantisedRows(rows, width: width, weights: c.weights, clusters: clusters)
        let scan = RowScan(rows: count, width: width)
        c.vector.withUnsafeBufferPointer { vector in
          let found: (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>)
          if let allowed = c.allowed {
            found = allowed.withUnsafeBufferPointer {
              scan.best(20, of: codes, table: rows, vector, isWeighted: isWeighted, allowed: $0)
            }
          } else {
            found = scan.best(20, of: codes, table: rows, vector, isWeighted: isWeighted)
          }
          #expect(Array(found.rows) == expected.rows)
          #expect(found.scores.map(\.bitPattern) == expected.scores.map(\.bitPattern))
        }
      }
    }
  }

  /// The same rows give the same clusters, so the same question the same list.
  @Test func everyRowIsInOneCluster() {
    var random = SeededGenerator(seed: 8)
    for count in [1, 2, 15, 100, 2_000] {
      let rows = random.floats(count * 3)
      rows.withUnsafeBufferPointer { rows in
        let codes = QuantisedRows(rows, width: 3, clusters: RowClusters(rows, width: 3))
        let scan = RowScan(rows: count, width: 3)
        // Everything is wanted, so every cluster is read.
        let found = [Float(1), 0.5, -0.25].withUnsafeBufferPointer {
          scan.best(count, of: codes, table: rows, $0)
        }
        #expect(found.rows.sorted() == (0..<count).map { UInt32($0) })
      }
    }
  }
}
