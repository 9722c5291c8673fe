import Checksums

#if _endian(big)
  #error("array files are mapped as they lie; a big-endian host would need a converting reader")
#endif

/// The first 64 bytes of an array file; docs/generations.md has the byte table.
struct ArrayHeader: Hashable {
  static let size = 64
  static let version: UInt32 = 1
  static let magic = Array("MAGPIEAR".utf8)
  static let rankMax = 3

  let type: ElementType
  /// 1 to 3 dimensions, outermost first.
  let shape: [UInt64]

  /// Bytes of the elements, nil if there are more than an address can count.
  static func dataBytes(_ type: ElementType, _ shape: [UInt64]) -> Int? {
    var bytes = type.width
    for dimension in shape {
      guard let elements = Int(exactly: dimension) else { return nil }
      let (product, overflows) = bytes.multipliedReportingOverflow(by: elements)
      if overflows || product > Int.max - size { return nil }
      bytes = product
    }
    return bytes
  }

  /// REQUIRES: rank 1 to 3, and the bytes can be counted.
  func encoded() -> [UInt8] {
    var bytes = Self.magic
    append(Self.version, to: &bytes)
    append(type.code, to: &bytes)
    append(UInt32(truncatingIfNeeded: shape.count), to: &bytes)
    append(UInt32(0), to: &bytes)
    for place in 0..<Self.rankMax { append(place < shape.count ? shape[place] : 0, to: &bytes) }
    append(UInt64(Self.dataBytes(type, shape) ?? 0), to: &bytes)
    append(UInt32(0), to: &bytes)
    append(CRC32C.of(bytes), to: &bytes)
    return bytes
  }

  /// Checks and reads the header at the start of `bytes`, the whole file.
  init(decoding bytes: UnsafeRawBufferPointer, file: String) throws(ModelFault) {
    guard bytes.count >= Self.size, bytes.prefix(8).elementsEqual(Self.magic) else {
      throw ModelFault(.foreign, file: file, "It is not an array file. \(ModelFault.trainAgain)")
    }
    let version = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    // Newer before checksum: a later version may have moved the checksum.
    if version > Self.version {
      throw ModelFault(
        .newerFormat, file: file,
        "It has array format version \(version); this release reads up to \(Self.version). Use the release that wrote it, or train again."
      )
    }
    let stored = bytes.loadUnaligned(fromByteOffset: 60, as: UInt32.self)
    guard version == Self.version, CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[..<60])) == stored else {
      throw ModelFault(.corrupt, file: file, "The checksum of its header is wrong. \(ModelFault.trainAgain)")
    }
    let rank = Int(bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    guard let type = ElementType(code: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
      rank >= 1, rank <= Self.rankMax
    else {
      throw ModelFault(
        .inconsistent, file: file, "Its element type or rank is unknown. \(ModelFault.trainAgain)")
    }
    let shape = (0..<rank).map { bytes.loadUnaligned(fromByteOffset: 24 + 8 * $0, as: UInt64.self) }
    guard let dataBytes = Self.dataBytes(type, shape), bytes.count == Self.size + dataBytes,
      bytes.loadUnaligned(fromByteOffset: 48, as: UInt64.self) == UInt64(dataBytes)
    else {
      throw ModelFault(
        .inconsistent, file: file,
        "It is \(bytes.count) bytes, which is not what its shape needs. \(ModelFault.trainAgain)"
      )
    }
    self.init(type: type, shape: shape)
  }

  init(type: ElementType, shape: [UInt64]) {
    self.type = type
    self.shape = shape
  }
}

private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}

extension ElementType {
  /// The number in array headers: never reuse one.
  fileprivate var code: UInt32 {
    switch self {
    case .u8: 1
    case .u32: 2
    case .u64: 3
    case .f32: 4
    }
  }

  fileprivate init?(code: UInt32) {
    guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }
}

extension ModelFault {
  /// What an operator does about a generation that is no good.
  static let trainAgain = "Promote another generation or train again."
}
