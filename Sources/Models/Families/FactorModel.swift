import Glibc
import Kernels
import Vocabulary

/// Latent factors of items from implicit-feedback ALS (Hu, Koren and Volinsky 2008; loss and regularisation as in
/// Rendle, Krichene, Zhang and Koren 2022):
///
///     Σ_observed c (1 - ŷ)² + a₀ Σ_all ŷ² + Σ_u λ (|N_u| + a₀ |I|)^ν |u|² + the same for items
package struct FactorModel: Sendable {
  static let family = "factors"
  package let itemCount: Int
  package let dimensions: Int
  /// λ.
  package let regularisation: Double
  /// a₀, the weight of every pair, observed or not.
  package let unobservedWeight: Double
  /// ν.
  package let regularisationExponent: Double
  /// All numbers it was trained with, the three above included.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let table: ArrayView<Float>
  private let gramView: ArrayView<Float>
  /// a₀ VᵀV as the padded square of a `SymmetricMatrix`: where every fold-in starts.
  let unobservedSquare: [Float]

  /// Checks shapes, parameters and finiteness. O(n d).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    itemCount = Int(clamping: items)
    memory = files.memory
    parameters = files.info.parameters
    regularisation = try files.parameter(Self.regularisationKey, atLeast: 0)
    unobservedWeight = try files.parameter(Self.unobservedWeightKey, atLeast: 0)
    regularisationExponent = try files.parameter(Self.regularisationExponentKey, atLeast: 0)
    let (table, shape) = try files.array("items", of: Float.self, shape: [itemCount, nil])
    dimensions = shape[1]
    self.table = table
    guard dimensions >= 1 && dimensions <= Limits.factorDimensionsMax else {
      throw files.fault(
        "has \(dimensions) dimensions; 1 to \(Limits.factorDimensionsMax) are possible.", "items")
    }
    gramView = try files.array("gram", of: Float.self, shape: [dimensions, dimensions]).view
    try files.checkFinite(table.elements, "items")
    try files.checkFinite(gramView.elements, "gram")
    let square = SymmetricMatrix(width: dimensions)
    for i in 0..<dimensions {
      for j in i..<dimensions {
        guard gramView[i * dimensions + j] == gramView[j * dimensions + i] else {
          throw files.fault("is not symmetric at row \(i), column \(j).", "gram")
        }
        square[i, j] = Float(unobservedWeight * Double(gramView[i * dimensions + j]))
      }
      guard gramView[i * dimensions + i] >= 0 else {
        throw files.fault("has a negative diagonal element in row \(i).", "gram")
      }
    }
    unobservedSquare = Array(square.paddedSquare)
  }

  static let regularisationKey = "regularisation"
  static let unobservedWeightKey = "unobservedWeight"
  static let regularisationExponentKey = "regularisationExponent"

  /// Factors of one item. REQUIRES: 0 <= row < itemCount.
  package func row(_ row: Int) -> UnsafeBufferPointer<Float> {
    precondition(row >= 0 && row < itemCount, "row out of range")
    return UnsafeBufferPointer(rebasing: table.elements[row * dimensions..<(row + 1) * dimensions])
  }

  /// All factors, row by row.
  package var rows: UnsafeBufferPointer<Float> { table.elements }

  /// VᵀV, dimensions × dimensions, row by row.
  package var gram: UnsafeBufferPointer<Float> { gramView.elements }

  /// scores[row] = vector · factors of row, for all rows. O(n d), bound by memory bandwidth.
  /// REQUIRES: vector.count == dimensions, scores.count == itemCount.
  package func scoreAll(
    _ vector: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      vector.count == dimensions && scores.count == itemCount, "a vector or score count of another model")
    Scoring.scoreRows(table.elements, vector, into: scores)
  }

  /// The same for some rows: scores[i] belongs to rows[i], bit for bit what scoreAll gives.
  /// REQUIRES: vector.count == dimensions, scores.count == rows.count, every row < itemCount.
  package func score(
    _ vector: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UInt32>,
    into scores: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(vector.count == dimensions, "a vector of another model")
    Scoring.scoreGathered(table.elements, rows, vector, into: scores)
  }

  /// The weight of |u|² for a user with `observed` items: λ (|N_u| + a₀ n)^ν. The trainer uses the same.
  package static func ridge(
    regularisation: Double, exponent: Double, unobservedWeight: Double, observed: Int, of count: Int
  ) -> Double {
    regularisation * pow(Double(observed) + unobservedWeight * Double(count), exponent)
  }
}
