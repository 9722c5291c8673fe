import Vocabulary

/// Popularity within segments: for each value of some user attributes, and for each category of items, the items
/// that were popular there, best first.
package struct SegmentModel: Sendable {
  static let family = "segments"
  package let count: Int
  /// User attributes that at least one segment is a value of, ascending.
  package let attributes: [String]
  /// Numbers it was trained with, such as the window.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let nameOffsets: ArrayView<UInt64>
  private let names: ArrayView<UInt8>
  private let offsets: ArrayView<UInt64>
  private let rowView: ArrayView<UInt32>
  private let scoreView: ArrayView<Float>

  /// Checks names, order, ranges and finiteness. O(bytes).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    memory = files.memory
    parameters = files.info.parameters
    let (nameOffsets, shape) = try files.array("name-offsets", of: UInt64.self, shape: [nil])
    guard shape[0] >= 1, shape[0] <= Limits.segmentsMax + 1 else {
      throw files.fault(
        "has room for \(shape[0] - 1) segments; at most \(Limits.segmentsMax) are possible.", "name-offsets")
    }
    count = shape[0] - 1
    self.nameOffsets = nameOffsets
    names = try files.array("names", of: UInt8.self, shape: [nil]).view
    offsets = try files.array("offsets", of: UInt64.self, shape: [count + 1]).view
    rowView = try files.array("rows", of: UInt32.self, shape: [nil]).view
    scoreView = try files.array("scores", of: Float.self, shape: [rowView.count]).view
    try files.checkOffsets(nameOffsets.elements, total: names.count, "name-offsets")
    try files.checkOffsets(offsets.elements, total: rowView.count, "offsets")
    try files.checkFinite(scoreView.elements, "scores")
    attributes = try Self.checkedAttributes(nameOffsets, names, count, files)
    try checkLists(files, items: Int(clamping: items))
  }

  /// Checks every name and collects the attributes.
  private static func checkedAttributes(
    _ offsets: ArrayView<UInt64>, _ names: ArrayView<UInt8>, _ count: Int, _ files: ModelFiles
  ) throws(ModelFault) -> [String] {
    var attributes: [String] = []
    var before: UnsafeBufferPointer<UInt8>?
    for segment in 0..<count {
      let name = UnsafeBufferPointer(
        rebasing: names.elements[
          Int(truncatingIfNeeded: offsets[segment])..<Int(truncatingIfNeeded: offsets[segment + 1])])
      let parts = name.split(separator: 0, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].count <= Limits.attributeBytesMax, !parts[1].isEmpty,
        parts[1].count <= Limits.attributeBytesMax,
        let attribute = String(validating: parts[0], as: UTF8.self),
        String(validating: parts[1], as: UTF8.self) != nil
      else { throw files.fault("holds no valid name for segment \(segment).", "names") }
      if let before, !before.lexicographicallyPrecedes(name) {
        throw files.fault("does not ascend at segment \(segment).", "names")
      }
      before = name
      if !attribute.isEmpty, attributes.last != attribute { attributes.append(attribute) }
    }
    return attributes
  }

  private func checkLists(_ files: ModelFiles, items: Int) throws(ModelFault) {
    // Which segment listed a row last: finds repeats without clearing between segments.
    var lister = [UInt32](repeating: .max, count: items)
    for segment in 0..<count {
      let (rows, scores) = list(of: segment)
      guard !rows.isEmpty, rows.count <= Limits.segmentItemsMax else {
        throw files.fault(
          "gives segment \(segment) \(rows.count) items; 1 to \(Limits.segmentItemsMax) are possible.",
          "offsets")
      }
      for (place, row) in rows.enumerated() {
        guard Int(row) < items else { throw files.fault("holds row \(row) of \(items).", "rows") }
        if lister[Int(row)] == UInt32(truncatingIfNeeded: segment) {
          throw files.fault("gives segment \(segment) the row \(row) twice.", "rows")
        }
        lister[Int(row)] = UInt32(truncatingIfNeeded: segment)
        // Shares are taken of the first score, so none may be zero.
        guard scores[place] > 0 else {
          throw files.fault("is not above zero in segment \(segment).", "scores")
        }
        if place > 0 && scores[place] > scores[place - 1] {
          throw files.fault("rises in segment \(segment).", "scores")
        }
      }
    }
  }

  private func name(of segment: Int) -> UnsafeBufferPointer<UInt8> {
    precondition(segment >= 0 && segment < count, "segment out of range")
    return UnsafeBufferPointer(
      rebasing: names.elements[
        Int(truncatingIfNeeded: nameOffsets[segment])..<Int(truncatingIfNeeded: nameOffsets[segment + 1])])
  }

  /// The value or category a segment stands for, such as `France`. Allocates.
  /// REQUIRES: 0 <= segment < count.
  package func value(of segment: Int) -> String {
    let name = name(of: segment)
    let start = name.firstIndex(of: 0).map { $0 + 1 } ?? name.count
    return String(decoding: UnsafeBufferPointer(rebasing: name[start...]), as: UTF8.self)
  }

  /// The items of a segment and their scores, best first; at least one. O(1).
  /// REQUIRES: 0 <= segment < count.
  package func list(
    of segment: Int
  ) -> (rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>) {
    precondition(segment >= 0 && segment < count, "segment out of range")
    let range = Int(truncatingIfNeeded: offsets[segment])..<Int(truncatingIfNeeded: offsets[segment + 1])
    return (
      UnsafeBufferPointer(rebasing: rowView.elements[range]),
      UnsafeBufferPointer(rebasing: scoreView.elements[range])
    )
  }

  /// The segment of a value of a user attribute, or of a category if `attribute` is empty; nil if it was too small or
  /// unknown. O(length · log segments), allocates nothing.
  package func find(attribute: String, value: String) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      switch order(of: middle, attribute, value) {
      case 0: return middle
      case ..<0: low = middle + 1
      default: high = middle
      }
    }
    return nil
  }

  /// Below zero if the segment's name stands before the one given, zero if it is the one.
  private func order(of segment: Int, _ attribute: String, _ value: String) -> Int {
    let name = name(of: segment)
    var place = 0
    for byte in attribute.utf8 {
      guard place < name.count else { return -1 }
      if name[place] != byte { return Int(name[place]) - Int(byte) }
      place += 1
    }
    guard place < name.count else { return -1 }
    if name[place] != 0 { return 1 }
    place += 1
    for byte in value.utf8 {
      guard place < name.count else { return -1 }
      if name[place] != byte { return Int(name[place]) - Int(byte) }
      place += 1
    }
    return name.count - place
  }
}
