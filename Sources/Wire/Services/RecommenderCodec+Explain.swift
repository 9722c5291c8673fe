import CMessages
import Vocabulary

/// `Explain` and `WhyNot`.
extension RecommenderCodec {
  static func decodeExplain(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "ExplainRequest", magpie__v1__explain_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_items, max: Limits.explainedItemsMax, field: "items")
      var request = ExplainRequest()
      if let embedded = message.request?.pointee { request.request = try recommend(embedded) }
      request.items = byteLists(message.items, message.n_items)
      return .explain(request)
    }
  }

  static func decodeWhyNot(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "WhyNotRequest", magpie__v1__why_not_request__unpack) {
      message throws(Fault) in
      var request = WhyNotRequest()
      if let embedded = message.request?.pointee { request.request = try recommend(embedded) }
      request.item = bytes(message.item)
      return .whyNot(request)
    }
  }

  static func encode(_ request: ExplainRequest, into writer: inout MessageWriter) {
    writer.message(1) { encode(request.request, into: &$0) }
    writer.elements(2, request.items)
  }

  static func encode(_ request: WhyNotRequest, into writer: inout MessageWriter) {
    writer.message(1) { encode(request.request, into: &$0) }
    writer.bytes(2, request.item)
  }

  // MARK: Replies

  static func encode(_ reply: ExplainReply, into writer: inout MessageWriter) {
    for item in reply.items { writer.message(1) { encode(item, into: &$0) } }
    writer.bytes(2, reply.recommendation)
    writer.number(3, reply.generation.value)
    writer.number(4, reply.position.value)
    writer.fixed64(5, reply.configurationHash)
    writer.number(6, reply.seed)
    writer.number(7, UInt64(reply.k))
    writer.number(8, UInt64(reply.count))
    writer.number(9, reply.candidates)
    writer.flag(10, reply.isBlended)
    writer.packed(11, enumerations: reply.fallbacks.lazy.map(\.rawValue))
    writer.packed(12, enumerations: reply.degraded.lazy.map(\.rawValue))
    encode(reply.times, 13, into: &writer)
    encode(reply.dropped, 14, into: &writer)
    encode(reply.forbidden, 15, into: &writer)
  }

  private static func encode(_ trace: ItemTrace, into writer: inout MessageWriter) {
    writer.bytes(1, trace.item)
    writer.text(2, trace.title)
    writer.number(3, UInt64(trace.fate.rawValue))
    writer.number(4, UInt64(trace.step.rawValue))
    writer.text(5, trace.rule)
    writer.number(6, UInt64(trace.rank))
    writer.number(7, UInt64(trace.scoredRank))
    writer.float(8, trace.score)
    writer.float(9, trace.lastScore)
    for source in trace.sources {
      writer.message(10) { writer in
        writer.number(1, UInt64(source.source.rawValue))
        writer.number(2, UInt64(source.state.rawValue))
        writer.number(3, UInt64(source.rank))
        writer.float(4, source.score)
        writer.float(5, source.lowest)
        writer.number(6, UInt64(source.count))
        writer.double(7, source.weight)
      }
    }
    encode(trace.contributions, 11, into: &writer)
    encode(trace.explanations, 12, into: &writer)
    for filter in trace.filters {
      writer.message(13) { writer in
        writer.number(1, UInt64(filter.origin.rawValue))
        writer.flag(2, filter.passes)
        writer.text(3, filter.part)
        writer.number(4, UInt64(filter.character))
      }
    }
  }

  static func encode(_ contributions: [Contribution], _ field: UInt32, into writer: inout MessageWriter) {
    for contribution in contributions {
      writer.message(field) { writer in
        writer.number(1, UInt64(contribution.kind.rawValue))
        writer.number(2, UInt64(contribution.source?.rawValue ?? 0))
        writer.double(3, contribution.total)
        for part in contribution.parts {
          writer.message(4) { writer in
            if let item = part.item { writer.bytes(1, item.bytes) }
            writer.text(2, part.name)
            writer.double(3, part.value)
          }
        }
      }
    }
  }

  static func encode(_ counts: [DropCount], _ field: UInt32, into writer: inout MessageWriter) {
    for count in counts {
      writer.message(field) { writer in
        writer.text(1, count.rule)
        writer.number(2, count.count)
      }
    }
  }

  static func decodeExplainReply(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> ExplainReply {
    try arena.unpack(body, as: "ExplainReply", magpie__v1__explain_reply__unpack) {
      message throws(Fault) in
      var reply = ExplainReply()
      reply.items = try messages(message.items, message.n_items) { message throws(Fault) in
        try trace(message)
      }
      reply.recommendation = bytes(message.recommendation)
      reply.generation = GenerationNumber(message.generation)
      reply.position = Position(message.position)
      reply.configurationHash = message.configuration_hash
      reply.seed = message.seed
      reply.k = message.k
      reply.count = message.count
      reply.candidates = message.candidates
      reply.isBlended = message.blended != 0
      reply.fallbacks = buffer(message.fallbacks, message.n_fallbacks).compactMap { known($0) }
      reply.degraded = buffer(message.degraded, message.n_degraded).compactMap { known($0) }
      reply.times = try times(message.times, message.n_times)
      reply.dropped = try dropCounts(message.dropped, message.n_dropped)
      reply.forbidden = try dropCounts(message.forbidden, message.n_forbidden)
      return reply
    }
  }

  private static func trace(_ message: borrowing Magpie__V1__ItemTrace) throws(Fault) -> ItemTrace {
    var trace = ItemTrace(
      item: bytes(message.item), fate: try enumeration(message.fate, field: "items.fate"),
      step: try enumeration(message.step, field: "items.step"))
    trace.title = text(message.title)
    trace.rule = text(message.rule)
    trace.rank = message.rank
    trace.scoredRank = message.scored_rank
    trace.score = message.score
    trace.lastScore = message.last_score
    trace.sources = try messages(message.sources, message.n_sources) { message -> SourceTrace? in
      guard let source: SourceKind = known(message.source), let state: SourceState = known(message.state)
      else { return nil }
      var trace = SourceTrace(source, state)
      trace.rank = message.rank
      trace.score = message.score
      trace.lowest = message.lowest
      trace.count = message.count
      trace.weight = message.weight
      return trace
    }.compactMap { $0 }
    trace.contributions = try contributions(message.contributions, message.n_contributions)
    trace.explanations = try explanations(message.explanations, message.n_explanations)
    trace.filters = try messages(message.filters, message.n_filters) { message -> FilterTrace? in
      guard let origin: FilterOrigin = known(message.origin) else { return nil }
      var trace = FilterTrace(origin, passes: message.passes != 0)
      trace.part = text(message.part)
      trace.character = message.character
      return trace
    }.compactMap { $0 }
    return trace
  }

  /// Kinds that this version does not know are left out: their parts mean nothing to it.
  static func contributions(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__Contribution>?>?, _ count: Int
  ) throws(Fault) -> [Contribution] {
    try messages(start, count) { message throws(Fault) -> Contribution? in
      guard let kind: ContributionKind = known(message.kind) else { return nil }
      let parts = try messages(message.parts, message.n_parts) { message throws(Fault) in
        ContributionPart(
          item: message.item.len == 0
            ? nil : try identifier(message.item, field: "contributions.parts.item"),
          name: text(message.name), value: message.value)
      }
      return Contribution(kind, source: known(message.source), total: message.total, parts: parts)
    }.compactMap { $0 }
  }

  static func dropCounts(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__DropCount>?>?, _ count: Int
  ) throws(Fault) -> [DropCount] {
    try messages(start, count) { DropCount(rule: text($0.rule), count: $0.count) }
  }
}
