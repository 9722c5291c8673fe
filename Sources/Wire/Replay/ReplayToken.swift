import Checksums
import Vocabulary

/// The token of a slate: what it takes to make the same slate again, in bytes that a log line can hold. Its bytes are in
/// docs/protocol.md.
///
/// The digest is taken over the encoded slate without the times of its steps, without its cursor, which belongs to one
/// run of the daemon, and without the token itself.
package enum ReplayToken {
  package static let version: UInt8 = 2
  static let headerBytes = 56
  /// Added to the method's number in the token of a later page, whose header is longer.
  static let laterPage: UInt8 = 128
  static let pageBytes = 16

  /// The digest of a slate as a reply carries it.
  package static func digest(of slate: Slate) -> UInt64 {
    var writer = MessageWriter()
    RecommenderCodec.encode(slate, isWhole: false, into: &writer)
    return writer.withBytes(digest(of:))
  }

  static func digest(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(truncatingIfNeeded: bytes.count) << 32 | UInt64(CRC32C.of(bytes))
  }

  /// Appends a token; for a later page nothing if it would be too long. REQUIRES: `body` has at most
  /// `Limits.tokenRequestBytesMax` bytes.
  static func write(
    _ method: Method, _ body: UnsafeRawBufferPointer, _ slate: Slate, _ provenance: Provenance,
    digest: UInt64, into writer: inout MessageWriter
  ) {
    var first: [UInt8] = []
    if let page = provenance.page {
      first = RequestCodec.encode(page.first.request)
      guard body.count + first.count <= Limits.tokenRequestBytesMax else { return }
    }
    let header = headerBytes + (provenance.page == nil ? 0 : pageBytes)
    let start = writer.reserve(header)
    writer.raw(body)
    first.withUnsafeBytes { writer.raw($0) }
    if writer.isOverflowing { return }
    let count = header + body.count + first.count
    writer.patch(at: start) { base in
      base.storeBytes(of: version, as: UInt8.self)
      base.storeBytes(
        of: UInt8(truncatingIfNeeded: method.rawValue) | (provenance.page == nil ? 0 : laterPage),
        toByteOffset: 1, as: UInt8.self)
      base.storeBytes(of: provenance.quality.littleEndian, toByteOffset: 2, as: UInt16.self)
      func put(_ number: UInt64, _ place: Int) {
        base.storeBytes(of: number.littleEndian, toByteOffset: 8 + 8 * place, as: UInt64.self)
      }
      put(slate.position.value, 0)
      put(provenance.counted.value, 1)
      put(slate.generation.value, 2)
      put(slate.configurationHash, 3)
      put(UInt64(bitPattern: provenance.second), 4)
      put(digest, 5)
      if let page = provenance.page {
        put(UInt64(bitPattern: page.second), 6)
        put(UInt64(page.place) | UInt64(first.count) << 32, 7)
      }
      let token = UnsafeRawBufferPointer(start: base, count: count)
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
    guard token.count >= headerBytes, token.count <= headerBytes + pageBytes + Limits.tokenRequestBytesMax
    else { throw invalid("It has \(token.count) bytes; copy all of it, and nothing else.") }
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
    guard let method = Method(rawValue: UInt16(bytes[1] & ~laterPage)) else {
      throw invalid("It names method \(bytes[1]).")
    }
    var provenance = Provenance(
      second: Int64(bitPattern: number(4)), quality: quality, counted: Position(number(1)))
    var body = bytes[headerBytes...]
    if bytes[1] & laterPage != 0 {
      // The header's six numbers, then the page's two.
      guard body.count >= pageBytes, Int(number(7) >> 32) <= body.count - pageBytes else {
        throw invalid("It ends before the request of its first page.")
      }
      let start = bytes.count - Int(number(7) >> 32)
      provenance.page = PageOrigin(
        first: try question(method, bytes[start...], arena), place: UInt32(truncatingIfNeeded: number(7)),
        second: Int64(bitPattern: number(6)))
      body = bytes[(headerBytes + pageBytes)..<start]
    }
    return ReplayPlan(
      try question(method, body, arena), provenance, position: Position(number(0)),
      generation: GenerationNumber(number(2)), configurationHash: number(3), digest: number(5))
  }

  private static func question(
    _ method: Method, _ body: Slice<UnsafeRawBufferPointer>, _ arena: MessageArena
  ) throws(Fault) -> ReplayPlan.Question {
    let body = UnsafeRawBufferPointer(rebasing: body)
    switch method {
    case .recommend, .similar, .complete, .rank:
      switch try RequestCodec.decode(method, body, arena: arena) {
      case .recommend(let request): return .recommend(request)
      case .similar(let request): return .similar(request)
      case .complete(let request): return .complete(request)
      case .rank(let request): return .rank(request)
      default: throw invalid("It names no list.")
      }
    default: throw invalid("It names the method \(method.name), which makes no list.")
    }
  }

  private static func invalid(_ why: String) -> Fault {
    Fault(.tokenInvalid, "This is no token of a list: \(why)", field: "token")
  }
}

extension ReplayPlan.Question {
  /// As it is sent.
  var request: Request {
    switch self {
    case .recommend(let request): .recommend(request)
    case .similar(let request): .similar(request)
    case .complete(let request): .complete(request)
    case .rank(let request): .rank(request)
    }
  }
}
