import Kernels
import Models

/// Memory for scanning one factor model: sizes depend on the generation, so it is made anew when that changes.
package final class FactorScratch {
  let foldIn: FoldInScratch
  private let itemCount: Int
  private let scan: RowScan
  /// A bit for each row that may be taken, sixteen in a word. All set between scans.
  private let allowed: UnsafeMutableBufferPointer<UInt16>
  private var isRestricted = false
  /// Whether the vector in `foldIn` is this request's user.
  var hasVector = false
  /// What a scan took lately, nanoseconds.
  private(set) var expected: ExpectedTime

  init(for model: FactorModel) {
    foldIn = FoldInScratch(dimensions: model.dimensions)
    itemCount = model.itemCount
    scan = RowScan(rows: model.itemCount, width: model.dimensions)
    allowed = .allocate(capacity: (model.itemCount + 15) / 16)
    allowed.initialize(repeating: .max)
    // Until measured: four multiplications a nanosecond, a tenth of what one core does.
    expected = ExpectedTime(nanoseconds: UInt64(model.itemCount * model.dimensions / 4))
  }

  deinit { allowed.deallocate() }

  func fits(_ model: FactorModel) -> Bool {
    itemCount == model.itemCount && foldIn.dimensions == model.dimensions
  }

  /// Takes a row out of the next scans. REQUIRES: row < rows of the model.
  func strikeOut(_ row: Int) { allowed[row >> 4] &= ~(1 << UInt16(row & 15)) }

  /// Leaves in the next scans only rows of a mask, sixteen in a word, until `letAllIn`.
  func restrict(to mask: [UInt16]) {
    for place in 0..<min(mask.count, allowed.count) { allowed[place] &= mask[place] }
    isRestricted = true
  }

  /// Ends what `restrict` began, and what was struck out with it. Returns whether there was anything.
  func letAllIn() -> Bool {
    guard isRestricted else { return false }
    allowed.update(repeating: .max)
    isRestricted = false
    return true
  }

  /// Lets a row in again.
  func letIn(_ row: Int) { allowed[row >> 4] |= 1 << UInt16(row & 15) }

  /// The best rows by their product with `vector`, or by their cosine with it up to its length, and their scores;
  /// struck-out rows never. Valid until the next call. O(rows · dimensions).
  func best(
    _ count: Int, of model: FactorModel, _ codes: QuantisedRows, _ vector: UnsafeBufferPointer<Float>,
    byCosine: Bool
  ) -> (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    scan.best(
      count, of: codes, table: model.rows, vector, isWeighted: byCosine, allowed: UnsafeBufferPointer(allowed)
    )
  }

  /// The score of one row for the vector folded in last: the same bits as a scan gives.
  func score(of row: Int, _ model: FactorModel) -> Float { Vectors.dot(model.row(row), foldIn.vector) }

  /// See `ExpectedTime`.
  func skipped() { expected.skipped() }

  /// See `ExpectedTime`.
  package func took(_ nanoseconds: UInt64) { expected.took(nanoseconds) }
}

extension ReadScratch {
  /// The memory for a model: the last one if it fits. Allocates after a new generation.
  func factorScratch(for model: FactorModel) -> FactorScratch {
    if let factors, factors.fits(model) { return factors }
    let fresh = FactorScratch(for: model)
    factors = fresh
    return fresh
  }
}
