import CMessages
import Vocabulary

/// `Replay`.
extension RecommenderCodec {
  static func decodeReplay(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    var request = ReplayRequest()
    request.token = try arena.unpack(body, as: "ReplayRequest", magpie__v1__replay_request__unpack) {
      bytes($0.token)
    }
    // The token holds a message of its own, which takes the arena's place.
    request.plan = try ReplayToken.parse(request.token, arena: arena)
    return .replay(request)
  }

  static func encode(_ reply: ReplayReply, into writer: inout MessageWriter) {
    writer.message(1) { encode(reply.slate, into: &$0) }
    writer.fixed64(2, reply.expected)
    writer.fixed64(3, ReplayToken.digest(of: reply.slate))
  }

  static func decodeReplayReply(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> ReplayReply {
    try arena.unpack(body, as: "ReplayReply", magpie__v1__replay_reply__unpack) { message throws(Fault) in
      var reply = ReplayReply(Slate(), expected: message.expected, found: message.found)
      if let slate = message.slate?.pointee { reply.slate = try Self.slate(slate) }
      return reply
    }
  }

  /// Appends the token of a reply that was just written behind `start`, where one belongs.
  /// - Parameters:
  ///   - body: of the request.
  ///   - start: where the reply begins in `writer`.
  static func appendToken(
    _ method: Method, _ body: UnsafeRawBufferPointer, _ slate: Slate, from start: Int,
    into writer: inout MessageWriter
  ) {
    guard let provenance = slate.provenance, body.count <= Limits.tokenRequestBytesMax, !writer.isOverflowing
    else { return }
    // Times and cursor are no part of the digest; a reply without any is encoded already.
    let digest =
      slate.times.isEmpty && slate.cursor.isEmpty
      ? writer.withBytes { ReplayToken.digest(of: UnsafeRawBufferPointer(rebasing: $0[start...])) }
      : ReplayToken.digest(of: slate)
    writer.message(11) {
      ReplayToken.write(method, body, slate, provenance, digest: digest, into: &$0)
    }
  }
}
