/// For each item its best neighbours with a score each, best first, in compressed rows.
package struct NeighbourTable: Sendable, Hashable {
  package let rowStart: [Int]
  package let rows: [UInt32]
  package let scores: [Float]

  /// REQUIRES: `rowStart` begins with 0, never falls and ends with the number of rows and scores.
  package init(rowStart: [Int], rows: [UInt32], scores: [Float]) {
    self.rowStart = rowStart
    self.rows = rows
    self.scores = scores
  }

  package var itemCount: Int { rowStart.count - 1 }
  package func neighbours(of row: Int) -> Range<Int> { rowStart[row]..<rowStart[row + 1] }

  /// Builds a table row by row, in parallel. Every row is computed whole by one task, so neither threads nor
  /// shards change a bit of it.
  ///
  /// - Parameters:
  ///   - count: rows.
  ///   - width: neighbours kept in each row.
  ///   - fill: adds row i's raw values to the accumulator.
  ///   - score: turns raw value (i, j, value) into a score; what is not above zero is dropped.
  package static func build(
    count: Int, width: Int, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in },
    fill: @Sendable (_ row: Int, _ accumulator: RowAccumulator) -> Void,
    score: @Sendable (_ row: Int, _ column: Int, _ value: Double) -> Double
  ) -> NeighbourTable {
    let lengths = SharedArray<UInt32>(repeating: 0, count: count)
    let rows = SharedArray<UInt32>(repeating: 0, count: count * width)
    let scores = SharedArray<Float>(repeating: 0, count: count * width)
    let accumulators = (0..<pool.threads).map { _ in RowAccumulator(count: count) }
    let lists = (0..<pool.threads).map { _ in TopList(width: width) }
    let chunkRows = 64
    let chunks = ShardPass.chunks(of: count, size: chunkRows)
    pool.run(tasks: chunks) { worker, chunk in
      let accumulator = accumulators[worker]
      let list = lists[worker]
      for row in (chunk * chunkRows)..<min(count, (chunk + 1) * chunkRows) {
        fill(row, accumulator)
        for column in accumulator.touched {
          let value = score(row, Int(column), accumulator.value(of: column))
          if value > 0 { list.offer(column, Float(value)) }
        }
        accumulator.clear()
        lengths[row] = UInt32(truncatingIfNeeded: list.count)
        list.drain(rows: rows.pointer + row * width, scores: scores.pointer + row * width)
      }
      if worker == 0 { progress(Double(chunk) / Double(chunks)) }
    }
    return compact(lengths: lengths, rows: rows, scores: scores, width: width)
  }

  static func compact(
    lengths: SharedArray<UInt32>, rows: SharedArray<UInt32>, scores: SharedArray<Float>, width: Int
  ) -> NeighbourTable {
    var start = [0]
    start.reserveCapacity(lengths.count + 1)
    for row in 0..<lengths.count { start.append(start[row] + Int(lengths[row])) }
    var outRows: [UInt32] = []
    var outScores: [Float] = []
    outRows.reserveCapacity(start[lengths.count])
    outScores.reserveCapacity(start[lengths.count])
    for row in 0..<lengths.count {
      let length = Int(lengths[row])
      outRows.append(contentsOf: UnsafeBufferPointer(start: rows.pointer + row * width, count: length))
      outScores.append(contentsOf: UnsafeBufferPointer(start: scores.pointer + row * width, count: length))
    }
    return NeighbourTable(rowStart: start, rows: outRows, scores: outScores)
  }
}
