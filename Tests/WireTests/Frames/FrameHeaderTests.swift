import Checksums
import Testing
import Vocabulary
import Wire

@Suite struct FrameHeaderTests {
  static let sample: FrameHeader = {
    var header = FrameHeader(type: .request, code: 32, stream: 7, timeoutMilliseconds: 250)
    header.metaBytes = 9
    header.bodyBytes = 100
    header.payloadChecksum = 0xDEAD_BEEF
    return header
  }()

  static func bytes(_ header: FrameHeader) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xFF, count: Limits.headerBytes)
    bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { header.encode(into: base) } }
    return bytes
  }

  /// Makes the header checksum fit whatever bytes 0 to 27 hold.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    let checksum = CRC32C.of(Array(bytes[0..<28]))
    return Array(bytes[0..<28]) + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
  }

  func reason(_ bytes: [UInt8]) -> FaultReason? {
    do throws(Fault) {
      _ = try bytes.withBytes { bytes throws(Fault) in try FrameHeader(decoding: bytes) }
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func layoutIsTheDocumentedOne() {
    let bytes = Self.bytes(Self.sample)
    #expect(Array(bytes[0..<4]) == [0, 0, 0, 137])  // 28 + 9 + 100
    #expect(Array(bytes[4..<8]) == [0xAB, 0xEC, 1, 1])
    #expect(Array(bytes[8..<12]) == [0, 0, 0, 32])
    #expect(Array(bytes[12..<16]) == [0, 0, 0, 7])
    #expect(Array(bytes[16..<20]) == [0, 0, 0, 250])
    #expect(Array(bytes[20..<24]) == [0, 9, 0, 0])
    #expect(Array(bytes[24..<28]) == [0xDE, 0xAD, 0xBE, 0xEF])
    #expect(bytes == Self.sealed(bytes))
  }

  @Test func headersComeBackAsTheyWere() throws {
    for type in FrameType.allCases {
      var header = Self.sample
      header.type = type
      header.flags = 0x00A5
      let back = try Self.bytes(header).withUnsafeBytes { try FrameHeader(decoding: $0) }
      #expect(back == header)
    }
  }

  @Test func everyFlippedBitIsNoticed() {
    let bytes = Self.bytes(Self.sample)
    for bit in 0..<(8 * Limits.headerBytes) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (7 - bit % 8)
      let expected: FaultReason =
        switch bit / 8 {
        // The length's high bits make it too large; its low bits leave a legal length or less than a header.
        case 0,
          1 where bit < 10:
          .frameTooLarge
        case 0...3:
          (UInt32(damaged[2]) << 8 | UInt32(damaged[3])) < 28 && damaged[1] == 0
            ? .badLength : .headerChecksum
        case 4, 5: .notOurProtocol
        case 6: .versionUnsupported
        default: .headerChecksum
        }
      #expect(reason(damaged) == expected, "bit \(bit)")
    }
  }

  @Test(arguments: [
    (7, [UInt8(0)], FaultReason.frameTypeUnknown), (7, [7], .frameTypeUnknown), (7, [255], .frameTypeUnknown),
    (8, [0x01], .flagUnknown), (8, [0x80], .flagUnknown), (22, [1], .reservedNotZero),
    (23, [1], .reservedNotZero), (20, [0x20, 0x01], .metaTooLarge), (20, [0xFF, 0xFF], .metaTooLarge),
    (20, [0, 110], .badLength), (0, [0, 0, 0, 28], .badLength), (6, [0], .versionUnsupported),
    (6, [2], .versionUnsupported), (0, [0, 0, 0, 27], .badLength), (0, [0, 0, 0, 0], .badLength),
    (0, [0, 0x40, 0, 1], .frameTooLarge), (0, [0xFF, 0xFF, 0xFF, 0xFF], .frameTooLarge),
  ])
  func aWellSealedHeaderAgainstTheRulesIsNamed(_ offset: Int, _ patch: [UInt8], _ expected: FaultReason) {
    var bytes = Self.bytes(Self.sample)
    bytes.replaceSubrange(offset..<offset + patch.count, with: patch)
    #expect(reason(Self.sealed(bytes)) == expected)
  }

  @Test func flagsThatMayBeIgnoredAreKept() throws {
    var bytes = Self.bytes(Self.sample)
    bytes[9] = 0xFF
    let header = try Self.sealed(bytes).withUnsafeBytes { try FrameHeader(decoding: $0) }
    #expect(header.flags == 0x00FF)
  }

  @Test func theLargestFrameIsAccepted() throws {
    var header = Self.sample
    header.bodyBytes = Limits.frameBytesMax - 28 - header.metaBytes
    let back = try Self.bytes(header).withUnsafeBytes { try FrameHeader(decoding: $0) }
    #expect(back.frameBytes == Limits.frameBytesMax + 4)
    header.bodyBytes += 1
    #expect(reason(Self.bytes(header)) == .frameTooLarge)
  }
}
