import CMessages
import Vocabulary

/// `Health`: the messages of proto/magpie/v1/health.proto.
enum HealthCodec {
  // MARK: Requests

  static func decodeCheck(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    // No bytes are the message without fields, which is all this one can be until it gets some.
    if body.isEmpty { return .check }
    return try arena.unpack(body, as: "CheckRequest", magpie__v1__check_request__unpack) { _ in .check }
  }

  static func decodeHello(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "HelloRequest", magpie__v1__hello_request__unpack) { message in
      var request = HelloRequest()
      request.client = bytes(message.client)
      return .hello(request)
    }
  }

  static func encode(_ request: HelloRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.client)
  }

  // MARK: Replies

  static func encode(_ reply: HealthReport, into writer: inout MessageWriter) {
    writer.number(1, UInt64(reply.state.rawValue))
  }

  static func encode(_ reply: HelloReply, into writer: inout MessageWriter) {
    writer.text(1, reply.version)
    writer.bytes(2, reply.directory)
    writer.number(3, UInt64(reply.state.rawValue))
    writer.number(4, UInt64(reply.durability.rawValue))
    writer.number(5, UInt64(reply.frameBytesMax))
    writer.number(6, UInt64(reply.streamsMax))
    writer.number(7, UInt64(reply.batchItemsMax))
    writer.number(8, UInt64(reply.slateItemsMax))
    writer.number(9, UInt64(reply.timeoutMillisecondsMax))
  }

  static func decodeCheckReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "CheckReply", magpie__v1__check_reply__unpack) { message throws(Fault) in
      .check(HealthReport(state: try enumeration(message.state, field: "state")))
    }
  }

  static func decodeHelloReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "HelloReply", magpie__v1__hello_reply__unpack) { message throws(Fault) in
      var reply = HelloReply()
      reply.version = text(message.version)
      reply.directory = bytes(message.directory)
      reply.state = try enumeration(message.state, field: "state")
      reply.durability = try enumeration(message.durability, field: "durability")
      reply.frameBytesMax = message.frame_bytes_max
      reply.streamsMax = message.streams_max
      reply.batchItemsMax = message.batch_items_max
      reply.slateItemsMax = message.slate_items_max
      reply.timeoutMillisecondsMax = message.timeout_ms_max
      return .hello(reply)
    }
  }
}
