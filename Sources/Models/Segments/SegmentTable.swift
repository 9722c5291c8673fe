/// Popularity within each segment, as the trainer hands it over: lists in compressed rows.
package struct SegmentTable: Sendable, Hashable {
  /// Strictly ascending.
  package private(set) var names: [SegmentName] = []
  /// The list of segment s is `offsets[s] ..< offsets[s + 1]`.
  package private(set) var offsets: [UInt64] = [0]
  /// Item rows, best first within a segment.
  package private(set) var rows: [UInt32] = []
  /// Decayed popularity, above zero, never rising within a segment.
  package private(set) var scores: [Float] = []

  package init() {}

  package var count: Int { names.count }

  /// Adds the next segment. What is wrong with it is found when the generation is opened.
  package mutating func append(_ name: SegmentName, rows: [UInt32], scores: [Float]) {
    names.append(name)
    self.rows += rows
    self.scores += scores
    offsets.append(UInt64(self.rows.count))
  }

  /// Places in `rows` and `scores` of one segment's list. REQUIRES: 0 <= segment < count.
  package func places(of segment: Int) -> Range<Int> {
    Int(truncatingIfNeeded: offsets[segment])..<Int(truncatingIfNeeded: offsets[segment + 1])
  }
}

extension GenerationWriter {
  /// Popularity by segment.
  package func addSegments(_ table: SegmentTable, parameters: [String: Double] = [:]) throws(ModelFault) {
    var nameOffsets: [UInt64] = [0]
    var names: [UInt8] = []
    for name in table.names {
      names += name.bytes
      nameOffsets.append(UInt64(names.count))
    }
    try add(
      ModelName.segmentPopularity, family: SegmentModel.family, parameters: parameters,
      [
        ("name-offsets", .from(nameOffsets)), ("names", .from(names)), ("offsets", .from(table.offsets)),
        ("rows", .from(table.rows)), ("scores", .from(table.scores)),
      ])
  }
}
