extension NeighbourTable {
  /// Dense rows made at a time: enough for a matrix product, few enough that a thread's block stays small.
  static let cutRows = 16

  /// Cuts a matrix that is made block by block to the best of each row, best first. Every block is one task's, so
  /// threads change no bit. O(count²) besides `fill`.
  ///
  /// - Parameters:
  ///   - keepsNegative: whether the largest by magnitude are kept, or the largest above zero.
  ///   - fill: writes the given rows whole, `count` numbers each; the diagonal does not matter.
  static func cut(
    count: Int, width: Int, keepsNegative: Bool, pool: ThreadPool,
    progress: @escaping @Sendable (Double) -> Void = { _ in },
    fill: @Sendable (_ rows: Range<Int>, _ block: UnsafeMutablePointer<Float>) -> Void
  ) -> NeighbourTable {
    let width = max(1, min(width, count - 1))
    let lengths = SharedArray<UInt32>(repeating: 0, count: count)
    let rows = SharedArray<UInt32>(repeating: 0, count: count * width)
    let scores = SharedArray<Float>(repeating: 0, count: count * width)
    let blocks = (0..<pool.threads).map { _ in SharedArray<Float>(repeating: 0, count: cutRows * count) }
    let lists = (0..<pool.threads).map { _ in TopList(width: width) }
    let chunks = ShardPass.chunks(of: count, size: cutRows)
    pool.run(tasks: chunks) { worker, chunk in
      let (block, list) = (blocks[worker], lists[worker])
      let range = (chunk * cutRows)..<min(count, (chunk + 1) * cutRows)
      fill(range, block.pointer)
      for row in range {
        let line = block.pointer + (row - range.lowerBound) * count
        for column in 0..<count where column != row {
          let value = keepsNegative ? abs(line[column]) : line[column]
          if value > 0, value.isFinite { list.offer(UInt32(truncatingIfNeeded: column), value) }
        }
        let (firstRow, firstScore) = (rows.pointer + row * width, scores.pointer + row * width)
        let kept = list.count
        lengths[row] = UInt32(truncatingIfNeeded: kept)
        list.drain(rows: firstRow, scores: firstScore)
        if keepsNegative { sort(firstRow, firstScore, kept, by: line) }
      }
      if worker == 0 { progress(Double(chunk) / Double(chunks)) }
    }
    return compact(lengths: lengths, rows: rows, scores: scores, width: width)
  }

  /// Puts what was chosen by magnitude in the order of the values themselves.
  private static func sort(
    _ rows: UnsafeMutablePointer<UInt32>, _ scores: UnsafeMutablePointer<Float>, _ count: Int,
    by line: UnsafeMutablePointer<Float>
  ) {
    let chosen = (0..<count).map { rows[$0] }.sorted {
      let (left, right) = (line[Int($0)], line[Int($1)])
      return left != right ? left > right : $0 < $1
    }
    for (place, row) in chosen.enumerated() {
      rows[place] = row
      scores[place] = line[Int(row)]
    }
  }
}
