import Checksums
import Storage
import Testing
import Vocabulary

/// The tables of docs/storage.md, byte by byte.
@Suite struct SegmentFormatTests {
  private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  @Test func fileNames() {
    #expect(SegmentHeader.fileName(Position(1)) == "00000000000000000001.log")
    #expect(SegmentHeader.fileName(Position(.max)) == "18446744073709551615.log")
    #expect(SegmentHeader.position(fromFileName: "00000000000000000042.log") == Position(42))
    for name in ["42.log", "00000000000000000042", "+0000000000000000042.log", "x.log", ".log", ""] {
      #expect(SegmentHeader.position(fromFileName: name) == nil, "\(name)")
    }
  }

  @Test func everyByteOfASealedSegment() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let log = try EventLog.open(directory)
    _ = try log.append([SmallLog.entry(1), SmallLog.entry(22)], ingestTime: Timestamp(microseconds: 0x0304))
    _ = try log.seal()
    let path = directory.logPath + "/00000000000000000001.log"
    let bytes = try contents(path)
    let header = try SegmentHeader(decoding: Array(bytes[..<64]), file: path)

    var expected = Array("MAGPIELG".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + directory.identity
    expected += little(1, 8) + little(UInt64(header.created.microseconds), 8) + little(0, 12)
    expected += little(UInt64(CRC32C.of(expected)), 4)

    let entries = [SmallLog.entry(1), SmallLog.entry(22)].map(EntryCodec.encode)
    var body = little(1, 8) + little(2, 4) + little(0x0304, 8)
    for entry in entries { body += [UInt8(entry.count)] + entry }
    let seed = CRC32C.of(directory.identity)
    expected += little(UInt64(body.count), 4) + little(UInt64(CRC32C.of(body, continuing: seed)), 4) + body

    let footerOffset = expected.count
    var footer = Array("MAGPIEFT".utf8) + little(1, 8) + little(2, 8) + little(0x0304, 8)
    footer += little(UInt64(footerOffset), 8) + little(0, 20)
    footer += little(UInt64(CRC32C.of(footer, continuing: seed)), 4)
    #expect(bytes == expected + footer)
    #expect(try contents(directory.logPath + "/00000000000000000003.log").count == 64)
  }
}
