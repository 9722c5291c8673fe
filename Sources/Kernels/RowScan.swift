import CKernels
import Glibc

/// Finds the best rows of a table by the dot product with a vector: a pass over 8-bit codes picks the rows that can be
/// among the best, and only those are scored in floats. The answer is that of scoring every row in floats, bit for bit:
/// the bounds hold for every row (Cauchy and Schwarz), and contain the rounding of the float scores.
///
/// In a table with clusters (`RowClusters`) whole clusters are passed over that are not expected to hold one of the best.
/// Then rows may be missing, but those that are there have the same scores. Weighted scans read every cluster.
///
/// Memory of one thread, allocated once. Not sendable.
package final class RowScan {
  /// Rows of the largest table.
  package let capacity: Int
  private let probe: UnsafeMutableBufferPointer<Int8>
  private var sieve = magpie_sieve()
  private let candidates: UnsafeMutableBufferPointer<UInt32>
  private let uppers: UnsafeMutableBufferPointer<Float>
  private let lowers: UnsafeMutableBufferPointer<Float>
  private let scores: UnsafeMutableBufferPointer<Float>
  private let bestRows: UnsafeMutableBufferPointer<UInt32>
  private let bestScores: UnsafeMutableBufferPointer<Float>
  private var reach: ClusterReach?
  private let clusterReach: Float

  /// Rows whose bounds let them be among the best, in the last scan: what was scored in floats.
  package private(set) var scored = 0
  /// Codes that the last scan read, in rows.
  package private(set) var read = 0

  /// Below this share of allowed rows, one in so many, they are scored in floats at once: a row of floats is a few
  /// lines of memory, its codes lie in as many as those of its whole block.
  private static let sparseShare = 32

  /// - Parameters:
  ///   - rows: of the largest table. Address space of 24 bytes for each; a scan touches little of it.
  ///   - width: columns, as many as every vector will have.
  ///   - reach: how far from its centre a cluster may hold one of the best rows, in standard deviations.
  package init(rows: Int, width: Int, reach: Float? = nil) {
    capacity = rows
    clusterReach = reach ?? ClusterReach.usual
    probe = .allocate(capacity: (width + 3) / 4 * 4)
    probe.initialize(repeating: 0)
    // Kernels write whole vectors.
    let room = rows + Int(magpie_scan_rows)
    candidates = .allocate(capacity: room)
    uppers = .allocate(capacity: room)
    lowers = .allocate(capacity: room)
    scores = .allocate(capacity: room)
    bestRows = .allocate(capacity: room)
    bestScores = .allocate(capacity: room)
    sieve.rows = candidates.baseAddress
    sieve.uppers = uppers.baseAddress
    sieve.lowers = lowers.baseAddress
  }

  deinit {
    probe.deallocate()
    candidates.deallocate()
    uppers.deallocate()
    lowers.deallocate()
    scores.deallocate()
    bestRows.deallocate()
    bestScores.deallocate()
  }

  /// The best `count` rows and their scores, best first; of equal scores the lower row is better. NaN and minus infinity
  /// are never taken. Valid until the next call. O(rows · width), one byte for each number; with clusters O(clusters ·
  /// width) and what is read of them.
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
    read = 0
    scored =
      takeFew(rows, allowed) ?? pick(count, rows, vector, isWeighted: isWeighted, allowed)
      ?? takeAll(rows, allowed)
    let found = UnsafeBufferPointer(rebasing: candidates[..<scored])
    Scoring.scoreGathered(
      table, found, vector, into: UnsafeMutableBufferPointer(rebasing: scores[..<scored]))
    if isWeighted { for place in 0..<scored { scores[place] *= rows.weights[Int(found[place])] } }
    let kept = magpie_best(
      scores.baseAddress, candidates.baseAddress, scored, count, bestRows.baseAddress, bestScores.baseAddress)
    return (
      UnsafeBufferPointer(rebasing: bestRows[..<kept]), UnsafeBufferPointer(rebasing: bestScores[..<kept])
    )
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
    var table = magpie_codes(
      codes: codes, scales: scales, order: rows.clusters.map { UnsafePointer($0.order.baseAddress) } ?? nil,
      count: rows.slots, groups: rows.groups)
    var sought = magpie_probe(
      codes: probe.baseAddress, offset: Int32(truncatingIfNeeded: 128 * sum), gain: scale,
      slack: Float(slack).nextUp)
    magpie_sieve_start(&sieve, count)
    if let clusters = rows.clusters, !isWeighted {
      let reach =
        self.reach.flatMap { $0.fits(clusters) ? $0 : nil } ?? ClusterReach(clusters, reach: clusterReach)
      self.reach = reach
      read = reach.visit(clusters, vector) { first, blocks in
        magpie_scan(&table, first, blocks, &sought, allowed?.baseAddress, &sieve)
        return sieve.threshold
      }
    } else {
      let blocks = (rows.slots + Int(magpie_scan_rows) - 1) / Int(magpie_scan_rows)
      magpie_scan(&table, 0, blocks, &sought, allowed?.baseAddress, &sieve)
      read = rows.count
    }
    magpie_sieve_settle(&sieve)
    return sieve.count
  }

  /// Writes the allowed rows to `candidates` if they are few enough for floats.
  private func takeFew(_ rows: QuantisedRows, _ allowed: UnsafeBufferPointer<UInt16>?) -> Int? {
    guard let allowed else { return nil }
    let most = rows.count / Self.sparseShare
    let found = magpie_allowed_rows(allowed.baseAddress, rows.count, most, candidates.baseAddress)
    return found > most ? nil : found
  }

  private func takeAll(_ rows: QuantisedRows, _ allowed: UnsafeBufferPointer<UInt16>?) -> Int {
    guard let allowed else {
      for row in 0..<rows.count { candidates[row] = UInt32(truncatingIfNeeded: row) }
      return rows.count
    }
    return magpie_allowed_rows(allowed.baseAddress, rows.count, rows.count, candidates.baseAddress)
  }
}
