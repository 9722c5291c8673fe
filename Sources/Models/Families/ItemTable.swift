import Vocabulary

/// The items a generation knows, by row.
package struct ItemTable: Sendable {
  static let family = "items"
  package let count: Int
  private let memory: GenerationMemory
  private let offsets: ArrayView<UInt64>
  private let bytes: ArrayView<UInt8>

  /// Checks that every identifier is valid and no two are equal. O(bytes).
  init(_ files: ModelFiles, rows: UInt64) throws(ModelFault) {
    // A count that fits no Int was refused with the manifest.
    let count = Int(clamping: rows)
    self.count = count
    memory = files.memory
    offsets = try files.array("offsets", of: UInt64.self, shape: [count + 1]).view
    bytes = try files.array("bytes", of: UInt8.self, shape: [nil]).view
    try files.checkOffsets(offsets.elements, total: bytes.count, "offsets")
    for row in 0..<count {
      let identifier = identifierBytes(of: row)
      if identifier.isEmpty || identifier.count > ItemKind.bytesMax || identifier.contains(0) {
        throw files.fault("holds no valid identifier for row \(row).", "bytes")
      }
    }
    if let row = firstRepeated() { throw files.fault("holds the identifier of row \(row) twice.", "bytes") }
  }

  /// The identifier's bytes, without copying. O(1).
  /// REQUIRES: 0 <= row < count.
  package func identifierBytes(of row: Int) -> UnsafeRawBufferPointer {
    precondition(row >= 0 && row < count, "row out of range")
    let range = Int(truncatingIfNeeded: offsets[row])..<Int(truncatingIfNeeded: offsets[row + 1])
    return UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes.elements[range]))
  }

  /// Allocates. O(length).
  /// REQUIRES: 0 <= row < count.
  package func identifier(of row: Int) -> ItemIdentifier {
    guard let identifier = ItemIdentifier(checked: Array(identifierBytes(of: row))) else {
      // Opening checked every one, and the file is read-only: only a write under the mapping gets here.
      preconditionFailure("the item table changed after it was verified")
    }
    return identifier
  }

  /// A row whose identifier an earlier row has too. Open addressing over row numbers: 8 bytes for each item, given
  /// back at once.
  private func firstRepeated() -> Int? {
    var capacity = 16
    while capacity < 2 * count { capacity *= 2 }
    var table = [UInt32](repeating: .max, count: capacity)
    for row in 0..<count {
      let identifier = identifierBytes(of: row)
      var slot = Int(truncatingIfNeeded: StableHash.of(identifier)) & (capacity - 1)
      while table[slot] != .max {
        if identifierBytes(of: Int(table[slot])).elementsEqual(identifier) { return row }
        slot = (slot + 1) & (capacity - 1)
      }
      table[slot] = UInt32(truncatingIfNeeded: row)
    }
    return nil
  }
}
