import Glibc
import Kernels
import LiveState
import Models
import Vocabulary

/// A generation as one tenant's live state sees it: which row is which item.
///
/// Rows and indices differ because the trainer is another process that sees only the log and leaves out items
/// without events. The mapping is made once, when the generation is loaded; items that came later have no row.
package final class GenerationView: Sendable {
  package let generation: Generation
  private let rowOfIndex: [UInt32]
  private let indexOfRow: [UInt32]
  /// The item factors in 8 bits, for scanning. Weights are 1 over the length of each row, 0 for a row without factors:
  /// they turn a dot product into a cosine. Nil without a factor model.
  let codes: QuantisedRows?
  /// The weight that counts as one in `Confidence.of`, as the factor model was trained.
  let confidenceUnit: Float
  /// Seconds after which a pair counts half; nil where ages count alike.
  private let halfLifeSeconds: Double?

  /// What the trees' log odds mean as probabilities, where that was seen to hold.
  let calibration: Manifest.Calibration?

  private static let none = UInt32.max

  /// O(rows × dimensions), and looks every item up once.
  package init(_ generation: Generation, tenant: LiveTenant) {
    self.generation = generation
    calibration = generation.manifest.calibration.flatMap { $0.holds ? $0 : nil }
    var indexOfRow = [UInt32](repeating: Self.none, count: generation.itemCount)
    var rowOfIndex = [UInt32](repeating: Self.none, count: tenant.counts.items)
    for row in 0..<generation.itemCount {
      guard let index = tenant.itemIndex(generation.identifier(of: row))?.value else { continue }
      // An item that came while this loop runs may lie beyond the count taken above.
      while rowOfIndex.count <= Int(index) { rowOfIndex.append(Self.none) }
      indexOfRow[row] = index
      rowOfIndex[Int(index)] = UInt32(truncatingIfNeeded: row)
    }
    self.indexOfRow = indexOfRow
    self.rowOfIndex = rowOfIndex
    codes = generation.factors.map { factors in
      let inverseLengths = (0..<factors.itemCount).map { row in
        let squared = factors.row(row).reduce(into: Float(0)) { $0 += $1 * $1 }
        return squared > 0 && squared.isFinite ? 1 / squared.squareRoot() : 0
      }
      return QuantisedRows(factors.rows, width: factors.dimensions, weights: inverseLengths)
    }
    let unit = Float(generation.factors?.parameters["confidenceUnit"] ?? 1)
    confidenceUnit = unit > 0 && unit.isFinite ? unit : 1
    let days = generation.factors?.parameters["confidenceHalfLifeDays"] ?? 0
    halfLifeSeconds = days > 0 && days.isFinite ? days * 86_400 : nil
  }

  /// What a confidence of this age is multiplied with, as in training.
  func fading(ageSeconds: Double) -> Float {
    guard let halfLifeSeconds else { return 1 }
    return max(Float(exp2(-max(0, ageSeconds) / halfLifeSeconds)), Confidence.fadingMin)
  }

  /// The row of an item, nil if the generation does not know it. O(1).
  @inline(__always)
  package func row(of index: ItemIndex) -> Int? {
    let place = Int(index.value)
    guard place < rowOfIndex.count, rowOfIndex[place] != Self.none else { return nil }
    return Int(rowOfIndex[place])
  }

  /// The item of a row, nil if the live state does not know it. O(1).
  @inline(__always)
  package func index(ofRow row: Int) -> ItemIndex? {
    guard row < indexOfRow.count, indexOfRow[row] != Self.none else { return nil }
    return ItemIndex(indexOfRow[row])
  }
}
