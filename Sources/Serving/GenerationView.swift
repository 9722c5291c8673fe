import Glibc
import Kernels
import LiveState
import Models
import Synchronization
import Vocabulary

/// A generation as one tenant's live state sees it: which row is which item.
///
/// Rows and indices differ because the trainer is another process that sees only the log and leaves out items
/// without events. The mapping is made once, when the generation is loaded; items that came later have no row.
package final class GenerationView: Sendable {
  package let generation: Generation
  /// Tells it from every other view there was in this process.
  let number: UInt64
  private let rowOfIndex: [UInt32]
  private let indexOfRow: [UInt32]
  /// The item factors in 8 bits, for scanning, in clusters where they are many. Weights are 1 over the length of each row, 0 for a row without factors:
  /// they turn a dot product into a cosine. Nil without a factor model.
  let codes: QuantisedRows?
  /// The content vectors in 8 bits, with weights as above. Nil without a content model.
  let contentCodes: QuantisedRows?
  /// What is known of items without factors. Nil without a content model.
  package let cold: ColdItems?
  /// The weight that counts as one in `Confidence.of`, as the factor model was trained.
  let confidenceUnit: Float
  /// Seconds after which a pair counts half; nil where ages count alike.
  private let halfLifeSeconds: Double?

  /// What the trees' log odds mean as probabilities, where that was seen to hold.
  let calibration: Manifest.Calibration?

  private static let none = UInt32.max
  private static let views = Atomic<UInt64>(0)

  /// O(rows × dimensions), and looks every item up once.
  package init(_ generation: Generation, tenant: LiveTenant) {
    self.generation = generation
    number = Self.views.wrappingAdd(1, ordering: .relaxed).newValue
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
    let codes = generation.factors.map { factors in
      QuantisedRows(
        factors.rows, width: factors.dimensions,
        weights: (0..<factors.itemCount).map { Self.inverseLength(factors.row($0)) },
        clusters: factors.itemCount >= Limits.clusteredRowsMin
          ? RowClusters(factors.rows, width: factors.dimensions) : nil)
    }
    self.codes = codes
    contentCodes = generation.content.map { content in
      QuantisedRows(
        content.rows, width: content.dimensions,
        weights: (0..<content.itemCount).map { Self.inverseLength(content.row($0)) })
    }
    let rows = rowOfIndex
    let cold = generation.content.map { content in
      ColdItems(content) { item in
        let place = Int(item.value)
        guard let codes, place < rows.count, rows[place] != Self.none else { return false }
        return codes.weights[Int(rows[place])] > 0
      }
    }
    self.cold = cold
    if let cold {
      // Told of changes from here on, so nothing that comes while it is filled is missed.
      tenant.observeItems { [weak cold, weak tenant] changed in
        guard let cold, let tenant else { return false }
        cold.update(changed, from: tenant)
        return true
      }
      cold.fill(from: tenant)
    }
    let unit = Float(generation.factors?.parameters["confidenceUnit"] ?? 1)
    confidenceUnit = unit > 0 && unit.isFinite ? unit : 1
    let days = generation.factors?.parameters["confidenceHalfLifeDays"] ?? 0
    halfLifeSeconds = days > 0 && days.isFinite ? days * 86_400 : nil
  }

  /// One over the length of a row, 0 for a row without any.
  private static func inverseLength(_ row: UnsafeBufferPointer<Float>) -> Float {
    let squared = row.reduce(into: Float(0)) { $0 += $1 * $1 }
    return squared > 0 && squared.isFinite ? 1 / squared.squareRoot() : 0
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
