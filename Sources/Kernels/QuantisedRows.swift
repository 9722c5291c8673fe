import CKernels
import Glibc

/// A table of float rows in 8 bits, for finding the best rows by reading a quarter of the bytes (`RowScan`).
///
/// Row v is about s q with q in −127 ... 127 and s = max |v| / 127. What that leaves out is measured, not guessed: the
/// largest ‖v − s q‖ / s and the largest ‖q‖ over all rows bound the error of every score.
///
/// Unchecked because the memory is written in `init` only.
package final class QuantisedRows: @unchecked Sendable {
  package let count: Int
  package let width: Int
  /// Which rows lie together, nil where row i is in slot i.
  package let clusters: RowClusters?
  /// Places for rows, of which some are empty at the end of each cluster.
  let slots: Int
  /// Columns, divided by 4 and rounded up.
  let groups: Int
  let codes: UnsafeMutableBufferPointer<UInt8>
  let scales: UnsafeMutableBufferPointer<Float>
  /// The scales times `weights`; empty without weights.
  let weightedScales: UnsafeMutableBufferPointer<Float>
  /// What a row's score is multiplied by where a scan is weighted.
  package let weights: [Float]
  /// Largest ‖v − s q‖ / s.
  let residualMax: Double
  /// Largest ‖q‖.
  let lengthMax: Double
  /// False if some number is so large that bounds could overflow: then floats are scanned.
  let isBounded: Bool

  private static let blockRows = Int(magpie_scan_rows)
  /// Below this, rounding of the smallest floats would count; such rows get the scale of this and codes of zero.
  private static let magnitudeMin: Float = 1e-30
  private static let magnitudeMax: Float = 1e15

  /// Bytes for each row of so many columns, without the floats.
  package static func bytesPerRow(width: Int) -> Int { (width + 3) / 4 * 4 + 2 * MemoryLayout<Float>.stride }

  /// O(rows · width).
  /// - Parameters:
  ///   - weights: one finite number of at least zero for each row, or none.
  ///   - clusters: made from the same rows: the codes of a cluster then lie together.
  /// REQUIRES: 1 <= width, rows.count a multiple of width, weights empty or one for each row.
  package init(
    _ rows: UnsafeBufferPointer<Float>, width: Int, weights: [Float] = [], clusters: RowClusters? = nil
  ) {
    precondition(width >= 1 && rows.count % width == 0, "rows that are no table")
    let count = rows.count / width
    precondition(weights.isEmpty || weights.count == count, "as many weights as rows")
    precondition(clusters.map { $0.rowCount == count } ?? true, "clusters of another table")
    (self.count, self.width, self.weights, self.clusters) = (count, width, weights, clusters)
    groups = (width + 3) / 4
    slots = clusters?.order.count ?? count
    let blocks = (slots + Self.blockRows - 1) / Self.blockRows
    let stride = Self.blockRows * 4 * groups
    codes = Self.allocate(blocks * stride, filledWith: 128)
    scales = Self.allocate(blocks * Self.blockRows, filledWith: 0)
    weightedScales = Self.allocate(weights.isEmpty ? 0 : blocks * Self.blockRows, filledWith: 0)
    var (residualMax, lengthMax, isBounded) = (0.0, 0.0, true)
    for slot in 0..<slots {
      let row = clusters.map { Int($0.order[slot]) } ?? slot
      guard row < count else { continue }
      let values = UnsafeBufferPointer(rebasing: rows[row * width..<(row + 1) * width])
      let magnitude = values.reduce(Float(0)) { max($0, abs($1)) }
      // A NaN fails the second comparison wherever it stands.
      if !(magnitude <= Self.magnitudeMax) || !values.allSatisfy({ $0 <= Self.magnitudeMax }) {
        isBounded = false
        continue
      }
      let scale = max(magnitude, Self.magnitudeMin) / 127
      let target = codes.baseAddress.map { $0 + slot / Self.blockRows * stride + slot % Self.blockRows * 4 }
      var (residual, length) = (0.0, 0.0)
      for column in 0..<width {
        let code = Self.nearest(values[column] / scale)
        let rest = Double(values[column]) / Double(scale) - Double(code)
        residual += rest * rest
        length += Double(code) * Double(code)
        target?[column / 4 * Self.blockRows * 4 + column % 4] = UInt8(Int(code) + 128)
      }
      residualMax = max(residualMax, residual.squareRoot())
      lengthMax = max(lengthMax, length.squareRoot())
      scales[slot] = magnitude > 0 ? scale : 0
      if !weights.isEmpty {
        weightedScales[slot] = scales[slot] * weights[row]
        if !(weightedScales[slot] <= Self.magnitudeMax) { isBounded = false }
      }
    }
    (self.residualMax, self.lengthMax, self.isBounded) = (residualMax, lengthMax, isBounded)
  }

  deinit {
    UnsafeMutableRawPointer(codes.baseAddress)?.deallocate()
    UnsafeMutableRawPointer(scales.baseAddress)?.deallocate()
    UnsafeMutableRawPointer(weightedScales.baseAddress)?.deallocate()
  }

  /// The nearest integer within −127 ... 127, for numbers not far from there. Adding 1.5 · 2²³ pushes the fraction out of
  /// the float: without SSE 4.1 `rounded()` is a call.
  @inline(__always)
  static func nearest(_ value: Float) -> Float {
    let magic: Float = 12_582_912
    return max(-127, min(127, (value + magic) - magic))
  }

  /// On cache lines: a block's codes are whole lines.
  private static func allocate<Element: BitwiseCopyable>(_ count: Int, filledWith value: Element)
    -> UnsafeMutableBufferPointer<Element>
  {
    guard count > 0 else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: 64
    ).bindMemory(to: Element.self)
    memory.initialize(repeating: value)
    return memory
  }
}
