import CMessages
import Vocabulary

/// The messages of `Config`.
extension AdminCodec {
  static func decodeConfig(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "ConfigRequest", magpie__v1__config_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_changes, max: Limits.configurationChangesMax, field: "changes")
      var request = ConfigRequest()
      request.action = try enumeration(message.action, field: "action")
      request.changes = try messages(message.changes, message.n_changes) { message in
        ConfigRequest.Change(path: bytes(message.path), value: bytes(message.value))
      }
      request.file = bytes(message.file)
      request.isAll = message.all != 0
      request.expectedHash = message.expected_hash
      return .config(request)
    }
  }

  static func encode(_ request: ConfigRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.action.rawValue))
    for change in request.changes {
      writer.message(2) { writer in
        writer.bytes(1, change.path)
        writer.bytes(2, change.value)
      }
    }
    writer.bytes(3, request.file)
    writer.flag(4, request.isAll)
    writer.fixed64(5, request.expectedHash)
  }

  static func encode(_ reply: ConfigReply, into writer: inout MessageWriter) {
    writer.fixed64(1, reply.configurationHash)
    writer.text(2, reply.text)
    writer.number(3, reply.revision)
    writer.elements(4, reply.changed.map { Array($0.utf8) })
    writer.elements(5, reply.warnings.map { Array($0.utf8) })
    for past in reply.history {
      writer.message(6) { writer in
        writer.number(1, past.number)
        writer.signed(2, past.time.microseconds)
        writer.number(3, UInt64(past.action.rawValue))
        writer.elements(4, past.paths.map { Array($0.utf8) })
        writer.fixed64(5, past.configurationHash)
      }
    }
  }

  static func decodeConfigReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "ConfigReply", magpie__v1__config_reply__unpack) {
      message throws(Fault) in
      var reply = ConfigReply()
      reply.configurationHash = message.configuration_hash
      reply.text = text(message.text)
      reply.revision = message.revision
      reply.changed = texts(message.changed, message.n_changed)
      reply.warnings = texts(message.warnings, message.n_warnings)
      reply.history = try messages(message.history, message.n_history) { message throws(Fault) in
        ConfigReply.Past(
          number: message.number, time: Timestamp(microseconds: message.time),
          action: try enumeration(message.action, field: "history.action"),
          paths: texts(message.paths, message.n_paths), configurationHash: message.configuration_hash)
      }
      return .config(reply)
    }
  }

  private static func texts(_ start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int) -> [String] {
    byteLists(start, count).map { String(decoding: $0, as: UTF8.self) }
  }
}
