import Checksums
import Vocabulary

/// The token of a slate: what it takes to make the same slate again, in bytes that a log line can hold.
///
///     offset  bytes  content, little-endian
///          0      1  version, 1
///          1      1  method of the request: 32 Recommend, 33 Similar, 34 Complete, 35 Rank
///          2      2  quality factor in thousandths, 1 to 1000
///          4      4  CRC-32C of everything else, in order
///          8      8  position
///         16      8  generation
///         24      8  configuration hash
///         32      8  second since 1970
///         40      8  digest of the reply: its length shifted left by 32, plus its CRC-32C
///         48         the request's body, at most `Limits.tokenRequestBytesMax`
///
/// The digest is taken over the encoded slate without the times of its steps and without the token itself.
package enum ReplayToken {
  package static let version: UInt8 = 1
  static let headerBytes = 48

  /// The digest of a slate as a reply carries it.
  package static func digest(of slate: Slate) -> UInt64 {
    var writer = MessageWriter()
    RecommenderCodec.encode(slate, withTimes: false, into: &writer)
    return writer.withBytes(digest(of:))
  }

  static func digest(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(truncatingIfNeeded: bytes.count) << 32 | UInt64(CRC32C.of(bytes))
  }

  /// Appends a token. REQUIRES: `body` has at most `Limits.tokenRequestBytesMax` bytes.
  static func write(
    _ method: Method, _ body: UnsafeRawBufferPointer, _ slate: Slate, _ provenance: Provenance,
    digest: UInt64, into writer: inout MessageWriter
  ) {
    let start = writer.reserve(headerBytes)
    writer.raw(body)
    if writer.isOverflowing { return }
    writer.patch(at: start) { base in
      base.storeBytes(of: version, as: UInt8.self)
      base.storeBytes(of: UInt8(truncatingIfNeeded: method.rawValue), toByteOffset: 1, as: UInt8.self)
      base.storeBytes(of: provenance.quality.littleEndian, toByteOffset: 2, as: UInt16.self)
      func put(_ number: UInt64, _ place: Int) {
        base.storeBytes(of: number.littleEndian, toByteOffset: 8 + 8 * place, as: UInt64.self)
      }
      put(slate.position.value, 0)
      put(slate.generation.value, 1)
      put(slate.configurationHash, 2)
      put(UInt64(bitPattern: provenance.second), 3)
      put(digest, 4)
      let token = UnsafeRawBufferPointer(start: base, count: headerBytes + body.count)
      base.storeBytes(of: checksum(token).littleEndian, toByteOffset: 4, as: UInt32.self)
    }
  }

  /// The token of a slate and the request it answers; for tests and for those who have no frame.
  package static func make(_ request: Request, _ slate: Slate, _ provenance: Provenance) -> [UInt8] {
    var writer = MessageWriter()
    RequestCodec.encode(request).withUnsafeBytes {
      write(request.method, $0, slate, provenance, digest: digest(of: slate), into: &writer)
    }
    return writer.bytes
  }

  private static func checksum(_ token: UnsafeRawBufferPointer) -> UInt32 {
    CRC32C.of(
      UnsafeRawBufferPointer(rebasing: token[8...]),
      continuing: CRC32C.of(UnsafeRawBufferPointer(rebasing: token[..<4])))
  }

  /// - Throws: `token_invalid` for anything that no daemon of this version made.
  package static func parse(_ token: [UInt8], arena: MessageArena) throws(Fault) -> ReplayPlan {
    guard token.count >= headerBytes, token.count <= headerBytes + Limits.tokenRequestBytesMax else {
      throw invalid("It has \(token.count) bytes; copy all of it, and nothing else.")
    }
    guard token[0] == version else {
      throw invalid("It is of version \(token[0]); this daemon reads version \(version).")
    }
    return try token.withUnsafeBytes { bytes in
      Result { () throws(Fault) in try parse(UnsafeRawBufferPointer(bytes), arena: arena) }
    }.get()
  }

  /// REQUIRES: at least the header.
  private static func parse(_ bytes: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> ReplayPlan
  {
    guard UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) == checksum(bytes)
    else { throw invalid("Its checksum is wrong: it was cut off or changed on the way.") }
    func number(_ place: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + 8 * place, as: UInt64.self))
    }
    let quality = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    guard (1...1_000).contains(quality) else { throw invalid("It holds the quality \(quality).") }
    guard let method = Method(rawValue: UInt16(bytes[1])) else {
      throw invalid("It names method \(bytes[1]).")
    }
    let body = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
    let question: ReplayPlan.Question
    switch method {
    case .recommend, .similar, .complete, .rank:
      switch try RequestCodec.decode(method, body, arena: arena) {
      case .recommend(let request): question = .recommend(request)
      case .similar(let request): question = .similar(request)
      case .complete(let request): question = .complete(request)
      case .rank(let request): question = .rank(request)
      default: throw invalid("It names no list.")
      }
    default: throw invalid("It names the method \(method.name), which makes no list.")
    }
    return ReplayPlan(
      question, Provenance(second: Int64(bitPattern: number(3)), quality: quality),
      position: Position(number(0)), generation: GenerationNumber(number(1)), configurationHash: number(2),
      digest: number(4))
  }

  private static func invalid(_ why: String) -> Fault {
    Fault(.tokenInvalid, "This is no token of a list: \(why)", field: "token")
  }
}
