import CKernels
import Kernels
import Testing

@Suite struct GradientTests {
  private static let widths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 128, 129]

  /// Each row's own number is a dot product of `width` terms, then y a sum of `count` terms: Higham (2002), lemma 3.1.
  @Test(arguments: KernelSet.all) func isWithinTheBoundAndLeavesOtherMemoryAlone(_ set: KernelSet) {
    for width in Self.widths {
      for count in [0, 1, 2, 3, 4, 5, 8, 27] {
        for target in [Float(0), 1] {
          let seed = UInt64(width * 100 + count)
          var random = SeededGenerator(seed: seed)
          let rows = random.floats(40 * width)
          let index = (0..<count).map { _ in UInt32.random(in: 0..<40, using: &random) }
          let weights = random.floats(count, in: 0...5)
          let x = random.floats(width)
          let before = random.floats(width)
          var y = before
          set.gradientAdd(rows, index, weights, target, x, &y)
          for column in 0..<width {
            var sum = Double(before[column])
            var magnitude = abs(sum)
            for (n, row) in index.enumerated() {
              var dot = 0.0
              var size = Double(target)
              for i in 0..<width {
                let term = Double(rows[Int(row) * width + i]) * Double(x[i])
                dot += term
                size += abs(term)
              }
              let value = Double(rows[Int(row) * width + column])
              sum += Double(weights[n]) * (Double(target) - dot) * value
              magnitude += abs(Double(weights[n]) * size * value)
            }
            let bound = Double(width + count + 8) * unitRoundoff * magnitude
            #expect(
              abs(Double(y[column]) - sum) <= bound,
              "seed \(seed), column \(column), target \(target), \(set.name)")
          }
        }
      }
    }
  }

  @Test(arguments: KernelSet.all) func nanRunsThrough(_ set: KernelSet) {
    for count in 1...6 {
      for bad in 0..<count {
        var weights = [Float](repeating: 1, count: count)
        weights[bad] = .nan
        var y = [Float](repeating: 0, count: 20)
        let rows = [Float](repeating: 1, count: 20 * count)
        set.gradientAdd(
          rows, (0..<count).map { UInt32($0) }, weights, 1, [Float](repeating: 0, count: 20), &y)
        #expect(y.allSatisfy { $0.isNaN }, "weight \(bad) of \(count), \(set.name)")
      }
    }
  }

  @Test func theWrapperIsTheChosenSet() {
    let rows: [Float] = [1, 0, 0, 2]
    var y: [Float] = [0, 10]
    rows.withUnsafeBufferPointer { rows in
      [UInt32(1), 0].withUnsafeBufferPointer { index in
        [Float(3), 1].withUnsafeBufferPointer { weights in
          [Float(5), 4].withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer {
              Vectors.addGradient(rows: rows, at: index, weights: weights, target: 1, x, to: $0)
            }
          }
        }
      }
    }
    // Row 1: 3 (1 − 8) (0, 2); row 0: 1 (1 − 5) (1, 0).
    #expect(y == [-4, -32])
  }
}
