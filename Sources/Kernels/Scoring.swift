import CKernels

/// Scores of the rows of a table against one vector. A row's score is the same bits from either function.
package enum Scoring {
  /// scores[i] = row i · vector. O(rows × width), bound by memory bandwidth for large tables.
  /// REQUIRES: rows.count == scores.count × vector.count.
  package static func scoreRows(
    _ rows: UnsafeBufferPointer<Float>, _ vector: UnsafeBufferPointer<Float>,
    into scores: UnsafeMutableBufferPointer<Float>
  ) {
    let (floats, overflows) = scores.count.multipliedReportingOverflow(by: vector.count)
    precondition(!overflows && floats == rows.count, "table, vector and scores disagree")
    guard let target = scores.baseAddress else { return }
    guard let table = rows.baseAddress, let right = vector.baseAddress else {
      scores.update(repeating: 0)
      return
    }
    magpie_score_rows(table, scores.count, vector.count, right, target)
  }

  /// scores[i] = row indices[i] · vector. O(indices × width).
  /// REQUIRES: indices.count == scores.count, every index < rows.count / vector.count, vector not empty.
  package static func scoreGathered(
    _ rows: UnsafeBufferPointer<Float>, _ indices: UnsafeBufferPointer<UInt32>,
    _ vector: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(indices.count == scores.count, "as many scores as indices")
    guard let index = indices.baseAddress, let target = scores.baseAddress, !indices.isEmpty else { return }
    precondition(!vector.isEmpty, "a vector has at least one dimension")
    checkIndices(indices, below: rows.count / vector.count)
    guard let table = rows.baseAddress, let right = vector.baseAddress else { return }
    magpie_score_gathered(table, vector.count, index, indices.count, right, target)
  }
}

/// An index out of range would read foreign memory, so it stops the program in every build. The largest index
/// decides, without a branch for each.
@inline(__always)
func checkIndices(_ indices: UnsafeBufferPointer<UInt32>, below count: Int) {
  var largest: UInt32 = 0
  for index in indices { largest = max(largest, index) }
  precondition(indices.isEmpty || Int(largest) < count, "row index out of range")
}
