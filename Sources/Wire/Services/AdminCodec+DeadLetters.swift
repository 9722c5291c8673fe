import CMessages
import Vocabulary

/// The messages of `DeadLetters`.
extension AdminCodec {
  static func decodeDeadLetters(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request
  {
    try arena.unpack(body, as: "DeadLettersRequest", magpie__v1__dead_letters_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_numbers, max: Limits.pageRowsMax, field: "numbers")
      var request = DeadLettersRequest()
      request.action = try enumeration(message.action, field: "action")
      request.numbers = Array(buffer(message.numbers, message.n_numbers))
      request.isAll = message.all != 0
      request.after = message.after
      request.limit = message.limit
      return .deadLetters(request)
    }
  }

  static func encode(_ request: DeadLettersRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.action.rawValue))
    writer.packed(2, numbers: request.numbers)
    writer.flag(3, request.isAll)
    writer.number(4, request.after)
    writer.number(5, UInt64(request.limit))
  }

  static func encode(_ reply: DeadLettersReply, into writer: inout MessageWriter) {
    for letter in reply.letters {
      writer.message(1) { writer in
        writer.number(1, letter.number)
        writer.signed(2, letter.time.microseconds)
        writer.text(3, letter.tenant.text)
        writer.text(4, letter.reason)
        writer.text(5, letter.message)
        writer.text(6, letter.field)
        writer.message(7) { IngestCodec.encode(letter.event, into: &$0) }
      }
    }
    writer.number(2, reply.total)
    writer.number(3, reply.requeued)
    writer.number(4, reply.refused)
    writer.number(5, reply.dropped)
  }

  static func decodeDeadLettersReply(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Reply {
    try arena.unpack(body, as: "DeadLettersReply", magpie__v1__dead_letters_reply__unpack) {
      message throws(Fault) in
      var reply = DeadLettersReply()
      reply.letters = try messages(message.letters, message.n_letters) { message throws(Fault) in
        var letter = DeadLetter(number: message.number)
        letter.time = Timestamp(microseconds: message.time)
        letter.tenant = try TenantName(text(message.tenant))
        letter.reason = text(message.reason)
        letter.message = text(message.message)
        letter.field = text(message.field)
        if let event = message.event { letter.event = IngestCodec.event(event.pointee) }
        return letter
      }
      reply.total = message.total
      reply.requeued = message.requeued
      reply.refused = message.refused
      reply.dropped = message.dropped
      return .deadLetters(reply)
    }
  }
}
