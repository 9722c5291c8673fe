import CKernels
import Glibc

/// Finds the best rows of a table by the dot product with a vector: a pass over 8-bit codes picks the rows that can be
/// among the best, and only those are scored in floats. The answer is that of scoring every row in floats, bit for bit:
/// the bounds hold for every row (Cauchy and Schwarz), and contain the rounding of the float scores.
///
/// Memory of one thread, allocated once. Not sendable.
package final class RowScan {
  /// Rows of the largest table.
  package let capacity: Int
  private let probe: UnsafeMutableBufferPointer<Int8>
  private let candidates: UnsafeMutableBufferPointer<UInt32>
  private let uppers: UnsafeMutableBufferPointer<Float>
  private let scores: UnsafeMutableBufferPointer<Float>
  private var selection: TopSelection
  /// The best lower bounds, as a heap.
  private let floors: UnsafeMutableBufferPointer<Float>
  private let floorRows: UnsafeMutableBufferPointer<UInt32>
  private let best: UnsafeMutableBufferPointer<UInt32>

  /// Rows whose bounds let them be among the best, in the last scan: what was scored in floats.
  package private(set) var scored = 0

  private static let chunk = 512

  /// - Parameters:
  ///   - rows: of the largest table. Address space of 20 bytes for each; a scan touches little of it.
  ///   - width: columns, as many as every vector will have.
  package init(rows: Int, width: Int) {
    capacity = rows
    probe = .allocate(capacity: (width + 3) / 4 * 4)
    probe.initialize(repeating: 0)
    candidates = .allocate(capacity: max(1, rows))
    uppers = .allocate(capacity: max(1, rows))
    scores = .allocate(capacity: Self.chunk)
    scores.initialize(repeating: 0)
    floors = .allocate(capacity: max(1, rows))
    floorRows = .allocate(capacity: max(1, rows))
    best = .allocate(capacity: max(1, rows))
    selection = TopSelection(capacity: min(rows, 1024))
  }

  deinit {
    probe.deallocate()
    candidates.deallocate()
    uppers.deallocate()
    scores.deallocate()
    floors.deallocate()
    floorRows.deallocate()
    best.deallocate()
  }

  /// The best `count` rows and their scores, best first; of equal scores the lower row is better. NaN and minus infinity
  /// are never taken. Valid until the next call. O(rows · width), one byte for each number.
  /// - Parameters:
  ///   - table: the floats that `rows` was made from.
  ///   - isWeighted: whether scores are multiplied by the weights of `rows`.
  ///   - allowed: a bit for each row, sixteen in a word; nil allows all.
  /// REQUIRES: 0 <= count; rows.count <= capacity; the widths agree; a word for every sixteen rows.
  package func best(
    _ count: Int, of rows: QuantisedRows, table: UnsafeBufferPointer<Float>,
    _ vector: UnsafeBufferPointer<Float>,
    isWeighted: Bool = false, allowed: UnsafeBufferPointer<UInt16>? = nil
  ) -> (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    precondition(count >= 0 && rows.count <= capacity, "a scan of a larger table")
    precondition(
      vector.count == rows.width && table.count == rows.count * rows.width && probe.count == 4 * rows.groups,
      "table and vector of another width")
    precondition(!isWeighted || rows.weights.count == rows.count, "there are no weights")
    precondition(allowed.map { $0.count * Int(magpie_scan_rows) >= rows.count } ?? true, "a bit for each row")
    let count = min(count, rows.count)
    if count > selection.capacity { selection = TopSelection(capacity: count) }
    selection.start(keeping: count)
    let found = pick(count, rows, vector, isWeighted: isWeighted, allowed) ?? takeAll(rows, allowed)
    scored = found
    for first in stride(from: 0, to: found, by: Self.chunk) {
      let size = min(Self.chunk, found - first)
      let chunk = UnsafeMutableBufferPointer(rebasing: scores[..<size])
      Scoring.scoreGathered(
        table, UnsafeBufferPointer(rebasing: candidates[first..<first + size]), vector, into: chunk)
      if isWeighted { for place in 0..<size { chunk[place] *= rows.weights[Int(candidates[first + place])] } }
      selection.offer(UnsafeBufferPointer(chunk), firstIndex: UInt32(truncatingIfNeeded: first))
    }
    // Candidates ascend, so of equal scores the lower place is the lower row.
    let (places, kept) = selection.finish()
    for (place, candidate) in places.enumerated() { best[place] = candidates[Int(candidate)] }
    return (UnsafeBufferPointer(rebasing: best[..<places.count]), kept)
  }

  /// Writes the rows that can be among the best to `candidates`; nil if the vector's numbers are too large or small for
  /// bounds.
  private func pick(
    _ count: Int, _ rows: QuantisedRows, _ vector: UnsafeBufferPointer<Float>, isWeighted: Bool,
    _ allowed: UnsafeBufferPointer<UInt16>?
  ) -> Int? {
    let magnitude = vector.reduce(Float(0)) { max($0, abs($1)) }
    guard rows.isBounded, magnitude > 1e-10, magnitude < 1e15, vector.allSatisfy({ $0 < 1e15 }),
      let scales = (isWeighted ? rows.weightedScales : rows.scales).baseAddress,
      let codes = rows.codes.baseAddress
    else { return nil }
    let scale = magnitude / 127
    var (sum, length, residual) = (0, 0.0, 0.0)
    for column in 0..<vector.count {
      let code = QuantisedRows.nearest(vector[column] / scale)
      probe[column] = Int8(code)
      sum += Int(code)
      let rest = Double(vector[column]) - Double(scale) * Double(code)
      residual += rest * rest
      length += Double(vector[column]) * Double(vector[column])
    }
    // v·u − s t (q·p) = (v − s q)·u + s q·(u − t p), at most s (R ‖u‖ + Q ‖u − t p‖). Float scores add at most
    // (width + 4) 2⁻²⁴ ‖v‖ ‖u‖, the bounds' own arithmetic a few roundings more.
    let (largest, norm) = (rows.residualMax + rows.lengthMax, length.squareRoot())
    let slack =
      1.001 * (rows.residualMax * norm + rows.lengthMax * residual.squareRoot())
      + Double(vector.count + 64) * 0x1p-23 * largest * norm
    var lower = magpie_selection(
      scores: floors.baseAddress, indices: floorRows.baseAddress, capacity: count, count: 0)
    var table = magpie_codes(codes: codes, scales: scales, count: rows.count, groups: rows.groups)
    var sought = magpie_probe(
      codes: probe.baseAddress, offset: Int32(truncatingIfNeeded: 128 * sum), gain: scale,
      slack: Float(slack).nextUp)
    let found = magpie_scan(
      &table, &sought, allowed?.baseAddress, &lower, candidates.baseAddress, uppers.baseAddress)
    guard count > 0, lower.count == count else { return found }
    // The threshold rose on the way: most of what passed early is below it now.
    let threshold = floors[0]
    var kept = 0
    for place in 0..<found where uppers[place] >= threshold {
      candidates[kept] = candidates[place]
      kept += 1
    }
    return kept
  }

  private func takeAll(_ rows: QuantisedRows, _ allowed: UnsafeBufferPointer<UInt16>?) -> Int {
    var found = 0
    for row in 0..<rows.count where allowed.map({ $0[row >> 4] & (1 << UInt16(row & 15)) != 0 }) ?? true {
      candidates[found] = UInt32(truncatingIfNeeded: row)
      found += 1
    }
    return found
  }
}
