import CMessages
import Vocabulary

/// Looking at single things: the replies of `GetItems` and `GetUser`.
extension AdminCodec {
  static func encode(_ reply: GetItemsReply, into writer: inout MessageWriter) {
    for report in reply.items {
      writer.message(1) { writer in
        writer.bytes(1, report.id)
        if let item = report.item { writer.message(2) { ThingCodec.encode(item, into: &$0) } }
        writer.flag(3, report.isDeleted)
        writer.number(4, report.events)
      }
    }
  }

  static func decodeGetItemsReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply
  {
    try arena.unpack(body, as: "GetItemsReply", magpie__v1__get_items_reply__unpack) {
      message throws(Fault) in
      var reply = GetItemsReply()
      reply.items = try messages(message.items, message.n_items) { message throws(Fault) in
        var report = ItemReport(id: bytes(message.id))
        if let item = message.item { report.item = try ThingCodec.item(item.pointee) }
        report.isDeleted = message.deleted != 0
        report.events = message.events
        return report
      }
      return .getItems(reply)
    }
  }

  static func encode(_ reply: GetUserReply, into writer: inout MessageWriter) {
    writer.message(1) { ThingCodec.encode(reply.profile, into: &$0) }
    for row in reply.history {
      writer.message(2) { writer in
        writer.number(1, UInt64(row.type.rawValue))
        writer.bytes(2, row.item.bytes)
        writer.text(3, row.title)
        writer.signed(4, row.time.microseconds)
        writer.float(5, row.value)
      }
    }
    writer.number(3, reply.items)
  }

  static func decodeGetUserReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "GetUserReply", magpie__v1__get_user_reply__unpack) { message throws(Fault) in
      guard let profile = message.profile else {
        throw Fault(.malformedMessage, "The reply holds no profile.", field: "profile")
      }
      var reply = GetUserReply(profile: try ThingCodec.profile(profile.pointee))
      reply.history = try messages(message.history, message.n_history) { message throws(Fault) in
        var row = HistoryRow(
          type: try enumeration(message.type, field: "history.type"),
          item: try identifier(message.item, field: "history.item"),
          time: Timestamp(microseconds: message.time), value: message.value)
        row.title = text(message.title)
        return row
      }
      reply.items = message.items
      return .getUser(reply)
    }
  }
}
