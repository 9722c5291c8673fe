import CKernels
import Kernels
import Testing

@Suite struct SymmetricMatrixTests {
  private static let widths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 65, 100, 128]

  /// The padded identity-bordered square of zeros.
  private func square(_ width: Int) -> [Float] {
    let padded = magpie_padded_width(width)
    var square = [Float](repeating: 0, count: padded * padded)
    for i in width..<padded { square[i * padded + i] = 1 }
    return square
  }

  @Test(arguments: KernelSet.all) func gramIsWithinTheBound(_ set: KernelSet) {
    for width in Self.widths {
      for count in [0, 1, 8, 13] {
        let seed = UInt64(width * 1000 + count)
        var random = SeededGenerator(seed: seed)
        let tableRows = 25
        let rows = random.floats(tableRows * width)
        let weights = random.floats(count, in: 0...5)
        let gathered = (0..<count).map { _ in UInt32.random(in: 0..<UInt32(tableRows), using: &random) }
        for index in [gathered, nil] {
          var matrix = square(width)
          set.gramAdd(&matrix, width, rows, index, weights)
          #expect(
            isGram(matrix, width, rows, index, weights), "seed \(seed), gathered \(index != nil), \(set.name)"
          )
        }
      }
    }
  }

  /// Whether the upper triangle is the weighted sum of outer products within the bound, and the padding untouched.
  private func isGram(
    _ matrix: [Float], _ width: Int, _ rows: [Float], _ index: [UInt32]?, _ weights: [Float]
  ) -> Bool {
    let padded = magpie_padded_width(width)
    for i in 0..<padded {
      for j in i..<padded {
        var sum = i == j && i >= width ? 1.0 : 0
        var magnitude = 0.0
        if j < width {
          for n in weights.indices {
            let row = (index.map { Int($0[n]) } ?? n) * width
            let term = Double(weights[n]) * Double(rows[row + i]) * Double(rows[row + j])
            sum += term
            magnitude += abs(term)
          }
        }
        let error = abs(Double(matrix[i * padded + j]) - sum)
        if !(error <= Double(weights.count + 4) * unitRoundoff * magnitude) { return false }
      }
    }
    return true
  }

  /// The relative residual |Ax - b| / (|A||x| + |b|) is the backward error; for Cholesky it is a few roundings
  /// times the width (Higham 2002, theorem 10.4).
  @Test(arguments: KernelSet.all) func solvesWithASmallBackwardError(_ set: KernelSet) {
    for width in Self.widths + [256] {
      let seed = UInt64(width)
      var random = SeededGenerator(seed: seed)
      let padded = magpie_padded_width(width)
      let count = width + 5
      let rows = random.floats(count * width)
      var matrix = square(width)
      for i in 0..<width { matrix[i * padded + i] = 0.1 }
      set.gramAdd(&matrix, width, rows, nil, [Float](repeating: 1, count: count))
      let original = matrix
      let b = random.floats(width) + [Float](repeating: 0, count: padded - width)
      #expect(set.factor(&matrix, padded), "width \(width), \(set.name)")
      var x = b
      set.solve(matrix, padded, &x)
      var worst = 0.0
      for i in 0..<width {
        var sum = 0.0
        var magnitude = abs(Double(b[i]))
        for j in 0..<width {
          let term = Double(original[min(i, j) * padded + max(i, j)]) * Double(x[j])
          sum += term
          magnitude += abs(term)
        }
        worst = max(worst, abs(sum - Double(b[i])) / magnitude)
      }
      #expect(worst <= 8 * Double(width + 4) * unitRoundoff, "seed \(seed), \(set.name)")
      #expect(x[width...].allSatisfy { $0 == 0 }, "padding of the solution, width \(width)")
    }
  }

  @Test(arguments: KernelSet.all) func refusesWhatIsNotPositiveDefinite(_ set: KernelSet) {
    for width in [1, 5, 16, 23] {
      let padded = magpie_padded_width(width)
      for bad in [Float.nan, 0, -1, .infinity] {
        for place in 0..<width {
          var matrix = square(width)
          for i in 0..<width { matrix[i * padded + i] = 2 }
          matrix[place * padded + place] = bad
          #expect(!set.factor(&matrix, padded), "\(bad) at \(place) of \(width)")
        }
      }
      if width > 1 {
        var matrix = square(width)
        for i in 0..<width { matrix[i * padded + i] = 2 }
        matrix[width - 1] = .nan
        #expect(!set.factor(&matrix, padded), "NaN off the diagonal")
      }
    }
  }

  @Test func matrixKeepsItsPaddingThroughItsLife() {
    let matrix = SymmetricMatrix(width: 3)
    #expect(matrix.padded == 16)
    matrix[0, 0] = 4
    matrix[1, 1] = 4
    matrix[2, 2] = 4
    matrix[2, 0] = 1
    #expect(matrix[0, 2] == 1)
    let base = Array(matrix.paddedSquare)
    for ridge in [Float(0), 1] {
      base.withUnsafeBufferPointer { matrix.reset(to: $0, ridge: ridge) }
      let rows: [Float] = [0, 1, 0]
      rows.withUnsafeBufferPointer { r in
        [Float(3)].withUnsafeBufferPointer { w in
          [UInt32(0)].withUnsafeBufferPointer { matrix.add(rows: r, at: $0, weights: w) }
        }
      }
      // A = [[4 + ridge, 0, 1], [0, 7 + ridge, 0], [1, 0, 4 + ridge]], x = (1, 2, 3).
      let d = 4 + ridge
      var x = [Float](repeating: 0, count: 16)
      x[0] = d + 3
      x[1] = 2 * (7 + ridge)
      x[2] = 1 + 3 * d
      #expect(matrix.factor())
      x.withUnsafeMutableBufferPointer { matrix.solve($0) }
      for (i, value) in [Float(1), 2, 3].enumerated() { #expect(abs(x[i] - value) < 1e-6) }
    }
  }
}
