import Testing
import Vocabulary
import Wire

@Suite struct MetaCodecTests {
  func decode(_ bytes: [UInt8]) -> Result<Meta, Fault> {
    do throws(Fault) {
      return .success(try bytes.withBytes { bytes throws(Fault) in try MetaCodec.decode(bytes) })
    } catch {
      return .failure(error)
    }
  }

  @Test func metaComesBackAsItWas() {
    let trace = Array("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".utf8)
    for meta in [
      Meta(), Meta(tenant: Array("shop".utf8)), Meta(traceParent: trace),
      Meta(tenant: [1], traceParent: trace),
    ] {
      let bytes = MetaCodec.encode(meta)
      #expect(decode(bytes) == .success(meta))
      #expect(Repack.meta(bytes) == bytes)
    }
  }

  @Test func aZeroByteDoesNotEndATenant() {
    // protobuf-c would read "a" here, which may be somebody else.
    #expect(decode([0x0A, 3, 0x61, 0, 0x62]) == .success(Meta(tenant: [0x61, 0, 0x62])))
  }

  @Test func fieldsFromTheFutureAreSkipped() {
    let future: [UInt8] =
      [0x18, 0x96, 0x01] + [0x21, 1, 2, 3, 4, 5, 6, 7, 8] + [0x2A, 2, 9, 9] + [0x35, 1, 2, 3, 4]
    #expect(decode(future + [0x0A, 1, 0x61]) == .success(Meta(tenant: [0x61])))
  }

  @Test(
    arguments: [
      [0x0A], [0x0A, 5, 1], [0x08, 1], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80], [0x02, 0], [0x0B],
      [0x0C],
      [0x25, 1, 2, 3], [0x21, 1, 2, 3, 4, 5, 6, 7],
      [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
      [0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ] as [[UInt8]])
  func malformedMetaIsRefused(_ bytes: [UInt8]) {
    guard case .failure(let fault) = decode(bytes) else {
      Issue.record("accepted \(bytes)")
      return
    }
    #expect(fault.reason == .malformedMessage)
    #expect(fault.field == "meta")
  }

  @Test func noiseIsReadAsProtobufCReadsIt() {
    // Mostly bytes that mean something at the front of a field.
    let alphabet: [UInt8] = [0x0A, 0x12, 0x18, 0x25, 0x21, 0x2A, 1, 2, 3, 0x61, 0x80, 0xFF]
    var random = SeededGenerator(seed: 3)
    var agreed = 0
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      guard case .success(let meta) = decode(bytes), let repacked = Repack.meta(bytes) else { continue }
      #expect(decode(repacked) == .success(meta), "seed 3: \(bytes)")
      if !bytes.isEmpty { agreed += 1 }
    }
    #expect(agreed > 100)
  }
}
