import CMessages
import Vocabulary

/// `Scrub`.
extension AdminCodec {
  static func decodeScrub(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "ScrubRequest", magpie__v1__scrub_request__unpack) { message throws(Fault) in
      var request = ScrubRequest()
      request.action = try enumeration(message.action, field: "action")
      return .scrub(request)
    }
  }

  static func encode(_ request: ScrubRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.action.rawValue))
  }

  static func encode(_ reply: ScrubReply, into writer: inout MessageWriter) {
    writer.number(1, UInt64(reply.state.rawValue))
    writer.number(2, reply.job)
    writer.number(3, reply.bytes)
    writer.number(4, reply.bytesTotal)
    writer.number(5, reply.files)
    writer.signed(6, reply.started.microseconds)
    writer.signed(7, reply.finished.microseconds)
    writer.signed(8, reply.lastWhole.microseconds)
    writer.text(9, reply.message)
    for damage in reply.damages {
      writer.message(10) { writer in
        writer.text(1, damage.file)
        writer.text(2, damage.message)
      }
    }
    writer.number(11, reply.damagesTotal)
  }

  static func decodeScrubReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "ScrubReply", magpie__v1__scrub_reply__unpack) { message throws(Fault) in
      .scrub(try scrubReply(message))
    }
  }

  static func scrubReply(_ message: borrowing Magpie__V1__ScrubReply) throws(Fault) -> ScrubReply {
    var reply = ScrubReply()
    reply.state = try enumeration(message.state, field: "state")
    reply.job = message.job
    reply.bytes = message.bytes
    reply.bytesTotal = message.bytes_total
    reply.files = message.files
    reply.started = Timestamp(microseconds: message.started)
    reply.finished = Timestamp(microseconds: message.finished)
    reply.lastWhole = Timestamp(microseconds: message.last_whole)
    reply.message = text(message.message)
    reply.damages = try messages(message.damages, message.n_damages) {
      ScrubDamage(file: text($0.file), message: text($0.message))
    }
    reply.damagesTotal = message.damages_total
    return reply
  }
}
