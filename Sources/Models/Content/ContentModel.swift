import Glibc
import Kernels
import Vocabulary

/// What items say of themselves, in two spaces: a content vector z for likeness (hashed TF-IDF and facts, projected by a
/// truncated singular value decomposition), and what that predicts of the item's iALS factors (`ContentRegression`), for
/// items nobody has touched.
///
/// The catalogue entry of an item that is newer than the generation gets its vector from the same arrays.
package struct ContentModel: Sendable {
  static let family = "content"
  static let textVersionKey = "textVersion"
  static let bandwidthKey = "bandwidth"
  package let itemCount: Int
  /// Length of a content vector.
  package let dimensions: Int
  /// Length of what is predicted: that of the factor model.
  package let factorDimensions: Int
  package let weights: ContentWeights
  /// Numbers it was trained with.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let projection: ArrayView<Float>
  private let table: ArrayView<Float>
  private let landmarks: ArrayView<Float>
  private let map: ArrayView<Float>
  private let base: ArrayView<Float>
  private let squares: [Float]
  private let bandwidth: Float

  /// Checks version, shapes, order, ranges and finiteness. O(n d).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    itemCount = Int(clamping: items)
    memory = files.memory
    parameters = files.info.parameters
    let version = try files.parameter(Self.textVersionKey, atLeast: 0)
    guard version == Double(ContentText.version) else {
      throw files.fault("reads text as version \(version) does; this program has \(ContentText.version).")
    }
    let (numbers, shape) = try files.array("features", of: UInt32.self, shape: [nil])
    guard shape[0] >= 1, shape[0] <= 2 * ContentText.buckets else {
      throw files.fault(
        "has \(shape[0]) features; 1 to \(2 * ContentText.buckets) are possible.", "features")
    }
    let weights = try files.array("weights", of: Float.self, shape: [shape[0]]).view
    var before = -1
    for number in numbers.elements {
      guard Int(number) > before, Int(number) < 2 * ContentText.buckets else {
        throw files.fault("does not rise, or holds \(number).", "features")
      }
      before = Int(number)
    }
    try files.checkFinite(weights.elements, "weights")
    if let place = weights.elements.firstIndex(where: { $0 <= 0 }) {
      throw files.fault("holds \(weights[place]) at element \(place), which is not above zero.", "weights")
    }
    self.weights = ContentWeights(numbers: Array(numbers.elements), weights: Array(weights.elements))
    let (projection, projectionShape) = try files.array(
      "projection", of: Float.self, shape: [shape[0], nil])
    dimensions = projectionShape[1]
    guard dimensions >= 1, dimensions <= Limits.contentDimensionsMax else {
      throw files.fault(
        "has \(dimensions) dimensions; 1 to \(Limits.contentDimensionsMax) are possible.", "projection")
    }
    self.projection = projection
    table = try files.array("items", of: Float.self, shape: [itemCount, dimensions]).view
    let (landmarks, landmarksShape) = try files.array(
      "landmarks", of: Float.self, shape: [nil, dimensions])
    guard landmarksShape[0] <= Limits.contentLandmarksMax else {
      throw files.fault(
        "has \(landmarksShape[0]) landmarks; at most \(Limits.contentLandmarksMax) are read.", "landmarks")
    }
    self.landmarks = landmarks
    bandwidth = Float(try files.parameter(Self.bandwidthKey, atLeast: 0))
    guard bandwidth.isFinite else { throw files.fault("has a bandwidth beyond the range of numbers.") }
    let (map, mapShape) = try files.array("map", of: Float.self, shape: [landmarksShape[0], nil])
    factorDimensions = mapShape[1]
    guard factorDimensions >= 1, factorDimensions <= Limits.factorDimensionsMax else {
      throw files.fault("has \(factorDimensions) columns.", "map")
    }
    self.map = map
    base = try files.array("base", of: Float.self, shape: [factorDimensions]).view
    for (values, role) in [
      (projection, "projection"), (table, "items"), (landmarks, "landmarks"), (map, "map"),
      (base, "base"),
    ] {
      try files.checkFinite(values.elements, role)
    }
    squares = ContentRegression.squares(landmarks.elements, width: dimensions)
  }

  /// Content vectors of all rows, row by row; zero for an item without content.
  package var rows: UnsafeBufferPointer<Float> { table.elements }

  /// The content vector of one row. REQUIRES: 0 <= row < itemCount.
  package func row(_ row: Int) -> UnsafeBufferPointer<Float> {
    precondition(row >= 0 && row < itemCount, "row out of range")
    return UnsafeBufferPointer(rebasing: table.elements[row * dimensions..<(row + 1) * dimensions])
  }

  /// Writes the content vector of an entry. Returns false, with zeros, if no feature of it is known.
  /// O(features · dimensions). REQUIRES: vector.count == dimensions.
  package func project(
    _ features: some Collection<ContentText.Feature>, into vector: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(vector.count == dimensions, "a vector of another model")
    vector.update(repeating: 0)
    weights.forEach(features) { place, value in
      Vectors.add(
        value,
        times: UnsafeBufferPointer(
          rebasing: projection.elements[place * dimensions..<(place + 1) * dimensions]),
        to: vector)
    }
    // What adds up beyond the range of numbers is no content.
    guard vector.allSatisfy(\.isFinite) else {
      vector.update(repeating: 0)
      return false
    }
    return vector.contains { $0 != 0 }
  }

  /// Writes the factors that a content vector predicts. Returns false, with zeros, if they leave the range of numbers.
  /// O(landmarks · (dimensions + factorDimensions)). REQUIRES: counts as named.
  package func predictFactors(
    of vector: UnsafeBufferPointer<Float>, into factors: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(
      vector.count == dimensions && factors.count == factorDimensions, "a vector of another model")
    return squares.withUnsafeBufferPointer { squares in
      ContentRegression(
        landmarks: landmarks.elements, map: map.elements, base: base.elements, squares: squares,
        bandwidth: bandwidth
      ).predict(vector, into: factors)
    }
  }
}
