import Checksums
import Ingestion
import Vocabulary
import Wire

extension FuzzTarget {
  /// Cutting a stream into frames gives the same frames however the stream arrives.
  static let frame = FuzzTarget(
    name: "frame", about: "frames of the protocol, from the front of a stream",
    seeds: {
      var stream: [UInt8] = []
      var seeds: [[UInt8]] = []
      for (number, request) in WireSeeds.requests.enumerated() {
        let frame = WireSeeds.frame(request, stream: UInt32(2 * number + 1))
        seeds.append(frame)
        stream += frame
      }
      return seeds + [stream, Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 0, 0, 0, 0, 0]]
    },
    make: {
      { input in
        let whole = Self.frames(input, step: .max)
        let pieces = Self.frames(input, step: 7)
        try expect(whole == pieces, "frames depend on how the stream is cut: \(whole) and \(pieces)")
      }
    })

  /// What a reader of a stream that comes in pieces of `step` bytes gets: headers, and how it ended.
  private static func frames(_ input: UnsafeRawBufferPointer, step: Int) -> [String] {
    var decoder = FrameDecoder()
    var found: [String] = []
    var start = 0
    var end = min(input.count, step)
    while true {
      do throws(Fault) {
        let view = UnsafeRawBufferPointer(rebasing: input[start..<end])
        if let frame = try decoder.next(in: view) {
          found.append("\(frame.header) \(frame.meta.count) \(frame.body.count)")
          start += frame.header.frameBytes
        } else if end == input.count {
          return found
        } else {
          end = min(input.count, end + step)
        }
      } catch {
        return found + [error.reason.rawValue]
      }
    }
  }

  /// The body of a request: the first byte picks the method.
  static let request = FuzzTarget(
    name: "request", about: "bodies of requests, each method; then every check of events, items and profiles",
    seeds: {
      WireSeeds.requests.map { request in
        let place = Method.allCases.firstIndex(of: request.method) ?? 0
        return [UInt8(place)] + RequestCodec.encode(request)
      }
    },
    make: {
      let arena = MessageArena()
      return { input in
        guard let first = input.first else { return }
        let method = Method.allCases[Int(first) % Method.allCases.count]
        let body = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        guard let request = try? RequestCodec.decode(method, body, arena: arena) else { return }
        Self.check(request)
        // What was understood must be said the same way for ever.
        let once = RequestCodec.encode(request)
        let again = try once.withUnsafeBytes { try RequestCodec.decode(method, $0, arena: arena) }
        try expect(
          RequestCodec.encode(again) == once, "a request of \(method.name) does not survive a round trip")
      }
    })

  /// Whatever a request may hold, checking it gives a value or a fault.
  private static func check(_ request: Request) {
    let now = Timestamp(microseconds: 1_800_000_000_000_000)
    switch request {
    case .ingestEvents(let request): for draft in request.events { _ = try? Event(checking: draft, now: now) }
    case .putItems(let request): for draft in request.items { _ = try? Item(checking: draft) }
    case .putUsers(let request): for draft in request.users { _ = try? UserProfile(checking: draft) }
    default: break
    }
  }

  /// The body of a reply, as a client reads it.
  static let reply = FuzzTarget(
    name: "reply", about: "bodies of replies, each method, as a client reads them",
    seeds: {
      WireSeeds.replies.map { method, reply in
        [UInt8(Method.allCases.firstIndex(of: method) ?? 0)] + ReplyCodec.encode(reply)
      }
    },
    make: {
      let arena = MessageArena()
      return { input in
        guard let first = input.first else { return }
        let method = Method.allCases[Int(first) % Method.allCases.count]
        let body = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        guard let reply = try? ReplyCodec.decode(method, body, arena: arena) else { return }
        let once = ReplyCodec.encode(reply)
        let again = try once.withUnsafeBytes { try ReplyCodec.decode(method, $0, arena: arena) }
        try expect(
          ReplyCodec.encode(again) == once, "a reply of \(method.name) does not survive a round trip")
      }
    })

  static let meta = FuzzTarget(
    name: "meta", about: "what stands around a request: tenant, trace",
    seeds: {
      var meta = Meta()
      meta.tenant = Array("shop".utf8)
      meta.traceParent = Array("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01".utf8)
      return [MetaCodec.encode(meta), []]
    },
    make: {
      { input in
        guard let meta = try? MetaCodec.decode(input) else { return }
        _ = try? TenantName(String(decoding: meta.tenant, as: UTF8.self))
        let once = MetaCodec.encode(meta)
        let again = try once.withUnsafeBytes { try MetaCodec.decode($0) }
        try expect(MetaCodec.encode(again) == once, "meta does not survive a round trip")
      }
    })
}

extension FuzzTarget {
  /// The token of a list, its checksum made right: what anybody may send to have a list made again.
  static let token = FuzzTarget(
    name: "token", about: "tokens of lists, as Replay takes them, checksum right",
    seeds: {
      WireSeeds.requests.filter { [.recommend, .similar, .complete, .rank].contains($0.method) }.map {
        ReplayToken.make($0, Slate(), Provenance(second: 1_700_000_000, quality: 1_000))
      }
    },
    make: {
      let arena = MessageArena()
      return { input in
        var token = Array(input)
        if token.count >= 48 {
          let sum = CRC32C.of(Array(token[8...]), continuing: CRC32C.of(Array(token[..<4])))
          for place in 0..<4 { token[4 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(place))) }
        }
        guard let plan = try? ReplayToken.parse(token, arena: arena) else { return }
        try expect((1...1_000).contains(plan.provenance.quality), "a token of an impossible quality")
      }
    })
}
