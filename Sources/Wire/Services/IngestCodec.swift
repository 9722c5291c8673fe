import CMessages
import Vocabulary

/// `Ingest`: the messages of proto/magpie/v1/ingest.proto.
enum IngestCodec {
  // MARK: Requests

  static func decodeIngestEvents(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request
  {
    try arena.unpack(body, as: "IngestEventsRequest", magpie__v1__ingest_events_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_events, max: Limits.batchItemsMax, field: "events")
      var request = IngestEventsRequest()
      request.durability = try enumeration(message.durability, field: "durability")
      request.events = try messages(message.events, message.n_events) { event($0) }
      return .ingestEvents(request)
    }
  }

  static func decodePutItems(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "PutItemsRequest", magpie__v1__put_items_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_items, max: Limits.batchItemsMax, field: "items")
      var request = PutItemsRequest()
      request.items = try messages(message.items, message.n_items) { message throws(Fault) in
        try ThingCodec.itemDraft(message)
      }
      return .putItems(request)
    }
  }

  static func decodePutUsers(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "PutUsersRequest", magpie__v1__put_users_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_users, max: Limits.batchItemsMax, field: "users")
      var request = PutUsersRequest()
      request.users = try messages(message.users, message.n_users) { message throws(Fault) in
        try ThingCodec.userDraft(message)
      }
      return .putUsers(request)
    }
  }

  static func decodeDeleteItems(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request
  {
    try arena.unpack(body, as: "DeleteItemsRequest", magpie__v1__delete_items_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_items, max: Limits.batchItemsMax, field: "items")
      var request = DeleteItemsRequest()
      request.items = byteLists(message.items, message.n_items)
      return .deleteItems(request)
    }
  }

  static func encode(_ request: IngestEventsRequest, into writer: inout MessageWriter) {
    for event in request.events {
      writer.message(1) { encode(event, into: &$0) }
    }
    writer.number(2, UInt64(request.durability.rawValue))
  }

  static func encode(_ request: PutItemsRequest, into writer: inout MessageWriter) {
    for item in request.items {
      writer.message(1) { ThingCodec.encode(item, into: &$0) }
    }
  }

  static func encode(_ request: PutUsersRequest, into writer: inout MessageWriter) {
    for user in request.users {
      writer.message(1) { ThingCodec.encode(user, into: &$0) }
    }
  }

  static func encode(_ request: DeleteItemsRequest, into writer: inout MessageWriter) {
    writer.elements(1, request.items)
  }

  // MARK: Events

  static func event(_ message: borrowing Magpie__V1__Event) -> EventDraft {
    var event = EventDraft()
    event.id = bytes(message.id)
    // An unknown type is one event's fault and gets a verdict, so it is not judged here.
    event.type = Int32(bitPattern: message.type.rawValue)
    event.user = bytes(message.user)
    event.item = bytes(message.item)
    event.timeMicroseconds = message.time
    event.value =
      message.value_opt_case == MAGPIE__V1__EVENT__VALUE_OPT_VALUE ? message.value : nil
    event.session = bytes(message.session)
    event.recommendation = bytes(message.recommendation)
    event.query = bytes(message.query)
    return event
  }

  static func encode(_ event: EventDraft, into writer: inout MessageWriter) {
    writer.bytes(1, event.id)
    writer.signed(2, Int64(event.type))
    writer.bytes(3, event.user)
    writer.bytes(4, event.item)
    writer.signed(5, event.timeMicroseconds)
    if let value = event.value { writer.present(6, value) }
    writer.bytes(7, event.session)
    writer.bytes(8, event.recommendation)
    writer.bytes(9, event.query)
  }

  // MARK: Verdicts

  static func encode(_ reply: VerdictsReply, into writer: inout MessageWriter) {
    for verdict in reply.verdicts {
      writer.message(1) { writer in
        switch verdict {
        case .accepted(let position):
          writer.number(1, 1)
          writer.number(2, position.value)
        case .duplicate(let position):
          writer.number(1, 2)
          writer.number(2, position.value)
        case .rejected(let fault):
          writer.number(1, 3)
          writer.message(3) { FaultCodec.encode(fault, into: &$0) }
        }
      }
    }
    writer.number(2, UInt64(reply.durability.rawValue))
    writer.number(3, reply.position.value)
  }

  static func decodeVerdicts(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> VerdictsReply {
    try arena.unpack(body, as: "VerdictsReply", magpie__v1__verdicts_reply__unpack) { message throws(Fault) in
      var reply = VerdictsReply()
      reply.verdicts = try messages(message.verdicts, message.n_verdicts) { message throws(Fault) in
        try verdict(message)
      }
      reply.durability = try enumeration(message.durability, field: "durability")
      reply.position = Position(message.position)
      return reply
    }
  }

  private static func verdict(_ message: borrowing Magpie__V1__Verdict) throws(Fault) -> Verdict {
    switch message.status {
    case MAGPIE__V1__VERDICT_STATUS__ACCEPTED_NEW: return .accepted(Position(message.position))
    case MAGPIE__V1__VERDICT_STATUS__DUPLICATE: return .duplicate(Position(message.position))
    case MAGPIE__V1__VERDICT_STATUS__REJECTED:
      if let fault = message.fault { return .rejected(FaultCodec.decode(fault.pointee)) }
      throw Fault(.malformedMessage, "A verdict rejects without saying why.", field: "verdicts.fault")
    default:
      throw Fault(
        .malformedMessage, "A verdict has the unknown status \(message.status.rawValue).",
        field: "verdicts.status")
    }
  }
}
