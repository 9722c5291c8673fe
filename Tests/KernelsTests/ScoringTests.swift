import CKernels
import Kernels
import Testing

@Suite struct ScoringTests {
  private static let widths = [1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 128, 129]

  @Test(arguments: KernelSet.all) func scoresAreWithinTheBound(_ set: KernelSet) {
    for width in Self.widths {
      for count in [0, 1, 2, 3, 4, 5, 8, 13, 50] {
        let seed = UInt64(width * 100 + count)
        var random = SeededGenerator(seed: seed)
        let rows = random.floats(count * width)
        let vector = random.floats(width)
        let scores = set.scoreRows(rows, count, vector)
        for row in 0..<count {
          var sum = 0.0
          var magnitude = 0.0
          for i in 0..<width {
            let term = Double(rows[row * width + i]) * Double(vector[i])
            sum += term
            magnitude += abs(term)
          }
          #expect(
            abs(Double(scores[row]) - sum) <= Double(width + 4) * unitRoundoff * magnitude,
            "seed \(seed), row \(row), \(set.name)")
        }
      }
    }
  }

  /// The promise that lets one step score a whole table and another a handful of rows.
  @Test(arguments: KernelSet.all) func aRowScoresTheSameBitsWhicheverWay(_ set: KernelSet) {
    for width in Self.widths {
      var random = SeededGenerator(seed: UInt64(width))
      let count = 41
      let rows = random.floats(count * width)
      let vector = random.floats(width)
      let all = set.scoreRows(rows, count, vector)
      let index = (0..<30).map { _ in UInt32.random(in: 0..<UInt32(count), using: &random) }
      let some = set.scoreGathered(rows, index, vector)
      for (place, row) in index.enumerated() {
        let single = set.dot(Array(rows[Int(row) * width..<(Int(row) + 1) * width]), vector)
        #expect(some[place].bitPattern == all[Int(row)].bitPattern, "width \(width), row \(row)")
        #expect(some[place].bitPattern == single.bitPattern, "width \(width), row \(row)")
      }
    }
  }

  @Test func wrappersTakeEmptyTablesAndGatherInOrder() {
    let rows: [Float] = [1, 0, 0, 1, 2, 2]
    let vector: [Float] = [3, 5]
    var all = [Float](repeating: 0, count: 3)
    rows.withUnsafeBufferPointer { r in
      vector.withUnsafeBufferPointer { v in
        all.withUnsafeMutableBufferPointer { Scoring.scoreRows(r, v, into: $0) }
      }
    }
    #expect(all == [3, 5, 16])
    var some = [Float](repeating: 0, count: 2)
    rows.withUnsafeBufferPointer { r in
      vector.withUnsafeBufferPointer { v in
        some.withUnsafeMutableBufferPointer { s in
          [UInt32(2), 0].withUnsafeBufferPointer { Scoring.scoreGathered(r, $0, v, into: s) }
        }
      }
    }
    #expect(some == [16, 3])
    let empty = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
    vector.withUnsafeBufferPointer { Scoring.scoreRows(UnsafeBufferPointer(empty), $0, into: empty) }
  }

  @Test func anIndexOutsideTheTableStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let rows: [Float] = [1, 2, 3, 4]
      var scores: [Float] = [0]
      rows.withUnsafeBufferPointer { r in
        [Float(1), 1].withUnsafeBufferPointer { v in
          scores.withUnsafeMutableBufferPointer { s in
            [UInt32(2)].withUnsafeBufferPointer { Scoring.scoreGathered(r, $0, v, into: s) }
          }
        }
      }
    }
  }
}
