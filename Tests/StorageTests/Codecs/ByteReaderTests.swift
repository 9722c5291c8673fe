import Storage
import Testing
import Vocabulary

@Suite struct ByteReaderTests {
  private func read<Value>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> Value) throws -> Value {
    try bytes.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      let value = try body(&reader)
      try reader.finish()
      return value
    }
  }

  @Test func varintsAtTheirBorders() throws {
    let known: [(UInt64, [UInt8])] = [
      (0, [0]), (127, [0x7f]), (128, [0x80, 1]), (16_383, [0xff, 0x7f]), (16_384, [0x80, 0x80, 1]),
      (.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ]
    for (value, bytes) in known {
      var writer = ByteWriter()
      writer.append(varint: value)
      #expect(writer.bytes == bytes)
      #expect(try read(bytes) { try $0.varint() } == value)
    }
    for shift in 0..<64 {
      for value in [UInt64(1) << shift, (UInt64(1) << shift) &- 1] {
        var writer = ByteWriter()
        writer.append(varint: value)
        writer.append(zigzag: Int64(bitPattern: value))
        writer.append(zigzag: -1 &- Int64(bitPattern: value))
        let back = try read(writer.bytes) { reader in
          (try reader.varint(), try reader.zigzag(), try reader.zigzag())
        }
        #expect(back == (value, Int64(bitPattern: value), -1 &- Int64(bitPattern: value)))
      }
    }
  }

  @Test(
    arguments: [
      [], [0x80], [0x80, 0x80], [0x80, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] as [[UInt8]])
  func badVarintsAreRefused(bytes: [UInt8]) {
    #expect(throws: MalformedBytes.self) { try read(bytes) { try $0.varint() } }
  }

  @Test func lengthsAreComparedWithWhatIsLeft() {
    #expect(throws: MalformedBytes.self) { try read([3, 1, 2]) { _ = try $0.prefixed() } }
    #expect(throws: MalformedBytes.self) { try read([0xff, 0x7f]) { _ = try $0.count(elementBytesMin: 1) } }
    #expect(throws: MalformedBytes.self) { try read([1]) { _ = try $0.raw(count: -1) } }
    #expect(throws: MalformedBytes.self) { try read([1, 0xff]) { _ = try $0.text() } }
    #expect(throws: MalformedBytes.self) { try read([0]) { _ = try $0.identifier(UserKind.self) } }
    #expect(throws: MalformedBytes.self) { try read([1, 0]) { _ = try $0.identifier(UserKind.self) } }
    #expect(throws: MalformedBytes.self) { try read([1, 2]) { _ = try $0.byte() } }
    #expect(throws: MalformedBytes.self) { try read([0xff, 0xff, 0xff, 0xff, 0x10]) { try $0.varint32() } }
  }
}
