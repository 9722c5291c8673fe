import Testing
import Vocabulary
import Wire

/// What a decoder made of a stream, however it was cut.
private struct Decoded: Equatable {
  struct Part: Equatable {
    let header: FrameHeader
    let meta: [UInt8]
    let body: [UInt8]
  }
  var frames: [Part] = []
  var fault: FaultReason?

  /// Feeds pieces as they come from a socket, dropping what was consumed.
  init(_ pieces: some Sequence<[UInt8]>) {
    var decoder = FrameDecoder()
    var held: [UInt8] = []
    for piece in pieces {
      held += piece
      while true {
        let frame: Part?
        do throws(Fault) {
          frame = try held.withBytes { bytes throws(Fault) -> Part? in
            guard let frame = try decoder.next(in: bytes) else { return nil }
            return Part(header: frame.header, meta: Array(frame.meta), body: Array(frame.body))
          }
        } catch {
          fault = error.reason
          return
        }
        guard let frame else { break }
        frames.append(frame)
        held.removeFirst(frame.header.frameBytes)
      }
    }
  }
}

@Suite struct FrameDecoderTests {
  /// Four frames of different kinds, glued together.
  private static func stream() throws -> [UInt8] {
    let writer = FrameWriter()
    var stream: [UInt8] = []
    func keep() { writer.withFrame { stream += Array($0) } }
    try writer.write(.check, stream: 1, timeoutMilliseconds: 0, meta: Meta())
    keep()
    var request = RecommendRequest()
    request.user = Array("anna".utf8)
    request.exclude = [[1, 2, 3], [4]]
    try writer.write(
      .recommend(request), stream: 3, timeoutMilliseconds: 20, meta: Meta(tenant: Array("shop".utf8)))
    keep()
    [UInt8]([9, 8, 7]).withUnsafeBytes { writer.write(.ping, echoing: $0) }
    keep()
    writer.writeCancel(stream: 3)
    keep()
    return stream
  }

  private static func pieces(_ stream: [UInt8], of size: Int) -> [[UInt8]] {
    stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
  }

  @Test func framesComeOutAsTheyWentIn() throws {
    let decoded = Decoded([try Self.stream()])
    #expect(decoded.fault == nil)
    #expect(decoded.frames.map(\.header.type) == [.request, .request, .ping, .cancel])
    #expect(decoded.frames.map(\.header.stream) == [1, 3, 0, 3])
    #expect(decoded.frames[1].meta == [0x0A, 4] + Array("shop".utf8))
    #expect(decoded.frames[2].body == [9, 8, 7])
  }

  @Test func theCutMakesNoDifference() throws {
    let stream = try Self.stream()
    let whole = Decoded([stream])
    for size in 1...stream.count {
      #expect(Decoded(Self.pieces(stream, of: size)) == whole, "pieces of \(size)")
    }
    for split in 0...stream.count {
      #expect(Decoded([Array(stream[..<split]), Array(stream[split...])]) == whole, "split at \(split)")
    }
  }

  @Test func aDamagedStreamFailsAlikeHoweverItIsCut() throws {
    let stream = try Self.stream()
    var random = SeededGenerator(seed: 7)
    for round in 0..<300 {
      var damaged = stream
      damaged[Int.random(in: 0..<stream.count, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      let whole = Decoded([damaged])
      for size in [1, 3, 31, 33] {
        #expect(Decoded(Self.pieces(damaged, of: size)) == whole, "seed 7, round \(round), pieces of \(size)")
      }
    }
  }

  @Test func everyDamagedPayloadBitIsNoticed() throws {
    let writer = FrameWriter()
    try writer.write(
      .hello(HelloRequest()), stream: 1, timeoutMilliseconds: 0, meta: Meta(tenant: Array("shop".utf8)))
    let frame = writer.withFrame { Array($0) }
    for bit in (8 * 32)..<(8 * frame.count) {
      var damaged = frame
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(Decoded([damaged]).fault == .payloadChecksum)
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n", "HTTP"), ("POST /v1 HTTP/1.1\r\n", "HTTP"), ("PRI * HTTP/2.0\r\n\r\nSM", "HTTP/2"),
    ("\u{16}\u{03}\u{01}\u{00}\u{A5}\u{01}", "TLS"), ("hello there", "0xABEC"),
  ])
  func otherProtocolsAreNamed(_ greeting: String, _ hint: String) {
    let bytes = Array(greeting.utf8)
    var decoder = FrameDecoder()
    do throws(Fault) {
      let frame = try bytes.withBytes { bytes throws(Fault) in try decoder.next(in: bytes) != nil }
      Issue.record("accepted: \(frame)")
    } catch {
      #expect(error.reason == .notOurProtocol)
      #expect(error.message.contains(hint))
    }
  }

  @Test func aTooLongFrameIsRefusedAtItsSeventhByte() {
    let prologue: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF, 0xAB, 0xEC, 1]
    for count in 0..<7 { #expect(Decoded([Array(prologue[..<count])]).fault == nil) }
    #expect(Decoded([prologue]).fault == .frameTooLarge)
  }

  @Test func noiseNeverTraps() {
    var random = SeededGenerator(seed: 99)
    for _ in 0..<2000 {
      let decoded = Decoded([random.bytes(0...200)])
      #expect(decoded.frames.isEmpty, "seed 99")
    }
  }

  @Test func repliesAndFaultsAreFramed() throws {
    let writer = FrameWriter()
    writer.write(.success(.check(HealthReport(state: .ready))), stream: 5)
    let ok = Decoded([writer.withFrame { Array($0) }])
    #expect(ok.frames.first?.header.type == .reply)
    #expect(ok.frames.first?.header.code == StatusCode.ok.rawValue)
    #expect(ok.frames.first?.body == [0x08, 0x01])
    let fault = Fault(.queueFull, "Wait.", retryAfterMilliseconds: 50)
    writer.write(.failure(fault), stream: 7)
    let failed = Decoded([writer.withFrame { Array($0) }])
    #expect(failed.frames.first?.header.code == StatusCode.resourceExhausted.rawValue)
    #expect(failed.frames.first?.body == FaultCodec.encode(fault))
    writer.writeGoAway(fault)
    #expect(Decoded([writer.withFrame { Array($0) }]).frames.first?.header.type == .goAway)
  }

  @Test func whatFitsNoFrameIsRefusedOrReplaced() throws {
    let writer = FrameWriter()
    var request = PutItemsRequest()
    var item = ItemDraft()
    item.text = [UInt8](repeating: 65, count: Limits.frameBytesMax)
    request.items = [item]
    do throws(Fault) {
      try writer.write(.putItems(request), stream: 1, timeoutMilliseconds: 0, meta: Meta())
      Issue.record("a frame over the limit was built")
    } catch { #expect(error.reason == .frameTooLarge) }
    do throws(Fault) {
      let meta = Meta(tenant: [], traceParent: [UInt8](repeating: 65, count: Limits.metaBytesMax))
      try writer.write(.check, stream: 1, timeoutMilliseconds: 0, meta: meta)
      Issue.record("a meta message over the limit was built")
    } catch { #expect(error.reason == .metaTooLarge) }
    var reply = HelloReply()
    reply.directory = item.text
    writer.write(.success(.hello(reply)), stream: 1)
    let frame = try #require(Decoded([writer.withFrame { Array($0) }]).frames.first)
    let fault = try frame.body.withUnsafeBytes { try FaultCodec.decode($0, arena: MessageArena()) }
    #expect(fault.reason == .messageTooLarge)
    #expect(frame.header.code == StatusCode.resourceExhausted.rawValue)
  }
}
