import CMessages
import Vocabulary

/// `Admin`: the messages of proto/magpie/v1/admin.proto. Status is in `AdminCodec+Status`.
enum AdminCodec {
  // MARK: Requests

  static func decodeStatus(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "StatusRequest", magpie__v1__status_request__unpack) { _ in
      .status(StatusRequest())
    }
  }

  static func decodeTrain(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "TrainRequest", magpie__v1__train_request__unpack) { message in
      var request = TrainRequest()
      request.tuneMinutes = message.tune_minutes
      return .train(request)
    }
  }

  static func decodeDrain(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "DrainRequest", magpie__v1__drain_request__unpack) { _ in
      .drain(DrainRequest())
    }
  }

  static func decodeDrainReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "DrainReply", magpie__v1__drain_reply__unpack) { message in
      .drain(DrainReply(seconds: message.seconds))
    }
  }

  static func decodeGenerations(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request
  {
    try arena.unpack(body, as: "GenerationsRequest", magpie__v1__generations_request__unpack) {
      message throws(Fault) in
      var request = GenerationsRequest()
      request.action = try enumeration(message.action, field: "action")
      request.generation = message.generation
      request.force = message.force != 0
      return .generations(request)
    }
  }

  static func decodeGetItems(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "GetItemsRequest", magpie__v1__get_items_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_items, max: Limits.batchItemsMax, field: "items")
      var request = GetItemsRequest()
      request.items = byteLists(message.items, message.n_items)
      return .getItems(request)
    }
  }

  static func decodeGetUser(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "GetUserRequest", magpie__v1__get_user_request__unpack) { message in
      var request = GetUserRequest()
      request.user = bytes(message.user)
      return .getUser(request)
    }
  }

  static func encode(_ request: TrainRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.tuneMinutes))
  }

  static func encode(_ request: GenerationsRequest, into writer: inout MessageWriter) {
    writer.number(1, UInt64(request.action.rawValue))
    writer.number(2, request.generation)
    writer.flag(3, request.force)
  }

  static func encode(_ request: GetItemsRequest, into writer: inout MessageWriter) {
    writer.elements(1, request.items)
  }

  static func encode(_ request: GetUserRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.user)
  }

  // MARK: Training and generations

  static func encode(_ reply: TrainReply, into writer: inout MessageWriter) {
    writer.number(1, reply.generation.value)
  }

  static func decodeTrainReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Reply {
    try arena.unpack(body, as: "TrainReply", magpie__v1__train_reply__unpack) { message in
      .train(TrainReply(generation: GenerationNumber(message.generation)))
    }
  }

  static func encode(_ reply: GenerationsReply, into writer: inout MessageWriter) {
    for generation in reply.generations {
      writer.message(1) { encode(generation, into: &$0) }
    }
  }

  private static func encode(_ generation: GenerationSummary, into writer: inout MessageWriter) {
    writer.number(1, generation.number.value)
    writer.flag(2, generation.isServing)
    writer.signed(3, generation.created.microseconds)
    writer.number(4, generation.trainedTo.value)
    writer.number(5, generation.users)
    writer.number(6, generation.items)
    writer.number(7, generation.events)
    writer.number(8, generation.bytes)
    writer.float(9, generation.trainingSeconds)
    for model in generation.metrics {
      writer.message(10) { writer in
        writer.text(1, model.model)
        for metric in model.metrics {
          writer.message(2) { writer in
            writer.text(1, metric.name)
            writer.double(2, metric.value)
          }
        }
      }
    }
    writer.text(11, generation.problem)
    writer.text(12, generation.ranking)
    writer.text(13, generation.rankingReason)
    if let gate = generation.gate {
      writer.message(14) { encode(gate, into: &$0) }
    }
    if let tuning = generation.tuning { writer.message(15) { encode(tuning, into: &$0) } }
    for setting in generation.settings {
      writer.message(16) { writer in
        writer.text(1, setting.name)
        writer.text(2, setting.value)
      }
    }
  }

  static func decodeGenerationsReply(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Reply {
    try arena.unpack(body, as: "GenerationsReply", magpie__v1__generations_reply__unpack) {
      message throws(Fault) in
      var reply = GenerationsReply()
      reply.generations = try messages(message.generations, message.n_generations) {
        message throws(Fault) in try generation(message)
      }
      return .generations(reply)
    }
  }

  private static func generation(
    _ message: borrowing Magpie__V1__GenerationSummary
  ) throws(Fault) -> GenerationSummary {
    var summary = GenerationSummary(number: GenerationNumber(message.number))
    summary.isServing = message.serving != 0
    summary.created = Timestamp(microseconds: message.created)
    summary.trainedTo = Position(message.trained_to)
    summary.users = message.users
    summary.items = message.items
    summary.events = message.events
    summary.bytes = message.bytes
    summary.trainingSeconds = message.training_seconds
    summary.metrics = try messages(message.metrics, message.n_metrics) { message throws(Fault) in
      ModelMetrics(
        model: text(message.model),
        metrics: try messages(message.metrics, message.n_metrics) { metric in
          MetricValue(name: text(metric.name), value: metric.value)
        })
    }
    summary.problem = text(message.problem)
    if let tuning = message.tuning?.pointee { summary.tuning = try Self.tuning(tuning) }
    summary.ranking = text(message.ranking)
    summary.rankingReason = text(message.ranking_reason)
    if let gate = message.gate { summary.gate = try verdict(gate.pointee) }
    summary.settings = try messages(message.settings, message.n_settings) { setting in
      TrainerSetting(name: text(setting.name), value: text(setting.value))
    }
    return summary
  }
}
