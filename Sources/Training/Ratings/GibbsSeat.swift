import COpenBLAS
import Glibc

/// Mean and precision of each dimension of one side's rows, drawn from their normal-gamma posterior given the
/// rows.
package struct GibbsPrior: Sendable {
  package let means: [Double]
  package let precisions: [Double]

  init(means: [Double], precisions: [Double]) {
    self.means = means
    self.precisions = precisions
  }

  /// O(rows · dimensions).
  init(of matrix: FactorMatrix, seed: UInt64, sweep: Int, side: UInt64) {
    let count = Double(matrix.rowCount)
    var numbers = SeededNumbers(seed: seed, stream: UInt64(sweep), side)
    var (means, precisions) = ([Double](), [Double]())
    for dimension in 0..<matrix.dimensions {
      var (sum, square) = (0.0, 0.0)
      for row in 0..<matrix.rowCount {
        let value = Double(matrix.row(row)[dimension])
        sum += value
        square += value * value
      }
      // One imagined row at zero with variance 1 keeps a side of few rows proper.
      let spread = square - sum * sum / (count + 1)
      let precision = numbers.gamma(shape: 1 + (count + 1) / 2) / (0.5 + max(0, spread) / 2)
      precisions.append(precision)
      means.append(sum / (count + 1) + numbers.normal() / ((count + 1) * precision).squareRoot())
    }
    self.means = means
    self.precisions = precisions
  }
}

/// Memory of one worker to draw, or find the mean of, one row's normal posterior.
///
/// The row is [bias, factors…]; the other side enters as [1, factors…] with its bias taken off the rating.
///
/// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
final class GibbsSeat: @unchecked Sendable {
  private let width: Int
  private var matrix: [Double]
  private var vector: [Double]
  private var input: [Double]
  private var noiseVector: [Double]

  init(width: Int) {
    self.width = width
    matrix = [Double](repeating: 0, count: width * width)
    vector = [Double](repeating: 0, count: width)
    input = [Double](repeating: 0, count: width)
    noiseVector = [Double](repeating: 0, count: width)
  }

  /// O(ratings · width² + width³). With a `normal` that gives zeros the result is the posterior mean. Leaves
  /// `target` alone if the matrix is not positive definite, which only numbers that are not finite can cause.
  func solve(
    columns: ArraySlice<UInt32>, ratings: ArraySlice<Float>, mean: Double, prior: GibbsPrior, noise: Double,
    fixed: FactorMatrix, into target: UnsafeMutablePointer<Float>, normal: () -> Double
  ) {
    solve(
      columns: columns, ratings: ratings, mean: mean, prior: prior, noise: noise,
      row: { UnsafePointer(fixed.row($0)) }, into: target, normal: normal)
  }

  /// The same with rows that lie anywhere.
  @inline(__always)
  func solve(
    columns: ArraySlice<UInt32>, ratings: ArraySlice<Float>, mean: Double, prior: GibbsPrior, noise: Double,
    row fixed: (Int) -> UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, normal: () -> Double
  ) {
    let w = width
    for index in matrix.indices { matrix[index] = 0 }
    for index in 0..<w {
      matrix[index * w + index] = prior.precisions[index]
      vector[index] = prior.precisions[index] * prior.means[index]
    }
    for (column, rating) in zip(columns, ratings) {
      let other = fixed(Int(column))
      input[0] = 1
      for index in 1..<max(1, w) { input[index] = Double(other[index]) }
      let rest = noise * (Double(rating) - mean - Double(other[0]))
      for row in 0..<w {
        vector[row] += rest * input[row]
        let scaled = noise * input[row]
        for column in 0...row { matrix[row * w + column] += scaled * input[column] }
      }
    }
    for index in 0..<w { noiseVector[index] = normal() }
    let lower = CChar(bitPattern: UInt8(ascii: "L"))
    let size = blasint(w)
    // A = L Lᵀ; the mean is A⁻¹ b and L⁻ᵀ z has covariance A⁻¹.
    guard LAPACKE_dpotrf(LAPACK_ROW_MAJOR, lower, size, &matrix, size) == 0 else { return }
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, size, matrix, size, &vector, 1)
    for index in 0..<w { vector[index] += noiseVector[index] }
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, size, matrix, size, &vector, 1)
    for index in 0..<w { target[index] = Float(vector[index]) }
  }
}
