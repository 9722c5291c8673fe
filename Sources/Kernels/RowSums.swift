import CKernels

/// Sums over rows for one source: like an array of zeros that costs nothing to clear, and gives its best without being read
/// whole. Not sendable: one for each thread. About 4 bytes for each row, 12 once its best were asked for.
///
///     sums.begin(rowCount)
///     sums.add(rows, scores, weight: 0.5)
///     let (rows, scores) = sums.best(100)
package final class RowSums {
  private var table = magpie_sums()
  /// Rows there is room for.
  private var room = 0
  private var lines = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var values = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// What is above zero, and the best of that; room for both is made when they are first asked for.
  private var rows = UnsafeMutableBufferPointer<UInt32>(start: nil, count: 0)
  private var scores = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private var bestRows = UnsafeMutableBufferPointer<UInt32>(start: nil, count: 0)
  private var bestScores = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// How many are above zero, if that was found out since the last change.
  private var found: Int?

  /// Empty until `begin`.
  package init() {}

  deinit {
    values.deallocate()
    lines.deallocate()
    rows.deallocate()
    scores.deallocate()
    bestRows.deallocate()
    bestScores.deallocate()
  }

  /// Makes every sum zero. O(what was added to), but O(rows) for more rows than ever before.
  package func begin(_ rowCount: Int) {
    precondition(rowCount >= 0 && rowCount <= Int(UInt32.max), "rows do not fit 32 bits")
    if rowCount > room {
      values.deallocate()
      lines.deallocate()
      let count = magpie_sums_lines(rowCount)
      lines = .allocate(capacity: count)
      lines.initialize(repeating: 0)
      values = .allocate(capacity: count * Int(magpie_sums_line))
      values.initialize(repeating: 0)
      room = rowCount
      table = magpie_sums(values: values.baseAddress, lines: lines.baseAddress, rows: rowCount)
    } else {
      // As many rows as it had, so that all that may be touched is cleared.
      magpie_sums_clear(&table)
      table.rows = rowCount
    }
    found = nil
  }

  /// sum[rows[i]] += weight · scores[i]; a row there is not is passed over.
  package func add(_ rows: UnsafeBufferPointer<UInt32>, _ scores: UnsafeBufferPointer<Float>, weight: Float) {
    magpie_sums_add(&table, rows.baseAddress, scores.baseAddress, min(rows.count, scores.count), weight)
    found = nil
  }

  /// The same for whole lists of `entries`, list `lists[i]` with weight `weights[i]`: memory is asked for ahead, which
  /// matters where there are many.
  package func add(
    _ entries: RowLists, _ lists: UnsafeBufferPointer<UInt32>, weights: UnsafeBufferPointer<Float>
  ) {
    precondition(weights.count >= lists.count, "a weight for each list")
    addAll(entries, lists, weights.baseAddress)
  }

  /// The same, each list counting alike.
  package func add(_ entries: RowLists, _ lists: UnsafeBufferPointer<UInt32>) { addAll(entries, lists, nil) }

  private func addAll(
    _ entries: RowLists, _ lists: UnsafeBufferPointer<UInt32>, _ weights: UnsafePointer<Float>?
  ) {
    for list in lists { precondition(Int(list) < entries.count, "no such list") }
    magpie_sums_add_lists(
      &table, entries.offsets.baseAddress, entries.rows.baseAddress, entries.scores.baseAddress,
      lists.baseAddress, weights, lists.count)
    found = nil
  }

  /// sum[row] += value; a row there is not is passed over.
  package func add(_ row: UInt32, _ value: Float) {
    guard Int(row) < table.rows else { return }
    values[Int(row)] += value
    lines[Int(row) / Int(magpie_sums_line)] = 1
    found = nil
  }

  /// Makes one sum zero.
  package func strikeOut(_ row: Int) {
    guard row >= 0 && row < table.rows else { return }
    values[row] = 0
    found = nil
  }

  /// Zero for a row that was not added to.
  package func sum(_ row: Int) -> Float {
    let table = table
    return row >= 0 && row < table.rows ? table.values[row] : 0
  }

  /// The rows with a sum above zero, ascending, and their sums; valid until the next change. O(what was added to).
  package func positives() -> (rows: UnsafeBufferPointer<UInt32>, sums: UnsafeBufferPointer<Float>) {
    let count = found ?? collect()
    found = count
    return (UnsafeBufferPointer(rebasing: rows[..<count]), UnsafeBufferPointer(rebasing: scores[..<count]))
  }

  private func collect() -> Int {
    Self.grow(&rows, &scores, room + Int(magpie_sums_line))
    guard table.rows > 0 else { return 0 }
    return magpie_sums_collect(&table, rows.baseAddress, scores.baseAddress)
  }

  /// The best `count` rows with a sum above zero, best first, and their sums: of equal ones the lower row is better. Valid
  /// until the next call. O(what was added to).
  package func best(_ count: Int) -> (rows: UnsafeBufferPointer<UInt32>, sums: UnsafeBufferPointer<Float>) {
    let all = positives()
    let kept = min(max(count, 0), all.rows.count)
    Self.grow(&bestRows, &bestScores, kept)
    let written = magpie_best(
      all.sums.baseAddress, all.rows.baseAddress, all.rows.count, kept, bestRows.baseAddress,
      bestScores.baseAddress)
    return (
      UnsafeBufferPointer(rebasing: bestRows[..<written]),
      UnsafeBufferPointer(rebasing: bestScores[..<written])
    )
  }

  /// Makes room for `needed` of each, forgetting what is there; nothing where there is room.
  private static func grow(
    _ rows: inout UnsafeMutableBufferPointer<UInt32>, _ scores: inout UnsafeMutableBufferPointer<Float>,
    _ needed: Int
  ) {
    guard rows.count < needed else { return }
    rows.deallocate()
    scores.deallocate()
    rows = .allocate(capacity: needed)
    rows.initialize(repeating: 0)
    scores = .allocate(capacity: needed)
    scores.initialize(repeating: 0)
  }
}

/// Lists of rows with scores, one after the other, wherever they lie. Valid while whoever made it keeps the arrays alive.
package struct RowLists {
  /// List l is entries `offsets[l] ..< offsets[l + 1]`.
  let offsets: UnsafeBufferPointer<UInt64>
  let rows: UnsafeBufferPointer<UInt32>
  let scores: UnsafeBufferPointer<Float>

  /// REQUIRES: `offsets` ascend and end within `rows`; as many scores.
  package init(
    offsets: UnsafeBufferPointer<UInt64>, rows: UnsafeBufferPointer<UInt32>,
    scores: UnsafeBufferPointer<Float>
  ) {
    self.offsets = offsets
    self.rows = rows
    self.scores = scores
  }

  /// How many lists.
  package var count: Int { max(0, offsets.count - 1) }
}
