import CMessages
import Vocabulary

/// The slate: the reply of every method of `Recommender`, and the one most often sent.
extension RecommenderCodec {
  /// - Parameter isWhole: whether times, cursor and token are written, which are no part of the digest.
  static func encode(_ slate: Slate, isWhole: Bool = true, into writer: inout MessageWriter) {
    for item in slate.items {
      writer.message(1) { encode(item, into: &$0) }
    }
    writer.bytes(2, slate.recommendation)
    writer.number(3, slate.generation.value)
    writer.number(4, slate.position.value)
    writer.fixed64(5, slate.configurationHash)
    writer.number(6, slate.seed)
    writer.packed(7, enumerations: slate.fallbacks.lazy.map(\.rawValue))
    writer.packed(8, enumerations: slate.degraded.lazy.map(\.rawValue))
    if isWhole {
      encode(slate.times, 9, into: &writer)
      writer.bytes(10, slate.cursor)
      writer.bytes(11, slate.token)
    }
    writer.text(12, slate.experiment)
    encode(slate.dropped, 13, into: &writer)
    writer.packed(14, enumerations: slate.skipped.lazy.map(\.rawValue))
  }

  static func encode(_ times: [StepTime], _ field: UInt32, into writer: inout MessageWriter) {
    for time in times {
      writer.message(field) { writer in
        writer.number(1, UInt64(time.step.rawValue))
        writer.number(2, time.nanoseconds)
      }
    }
  }

  private static func encode(_ item: SlateItem, into writer: inout MessageWriter) {
    writer.bytes(1, item.item.bytes)
    writer.float(2, item.score)
    writer.text(3, item.title)
    for share in item.sources {
      writer.message(4) { writer in
        writer.number(1, UInt64(share.source.rawValue))
        writer.number(2, UInt64(share.rank))
        writer.float(3, share.score)
      }
    }
    encode(item.explanations, 5, into: &writer)
    if let rating = item.predictedRating { writer.present(6, rating) }
    writer.number(7, UInt64(item.placement.rawValue))
    if let propensity = item.propensity { writer.present(8, propensity) }
    encode(item.contributions, 9, into: &writer)
    for member in item.members { writer.element(10, member.bytes) }
    if let calibrated = item.calibrated { writer.present(11, calibrated) }
  }

  static func encode(_ explanations: [Explanation], _ field: UInt32, into writer: inout MessageWriter) {
    for explanation in explanations {
      writer.message(field) { writer in
        writer.number(1, UInt64(explanation.code.rawValue))
        for item in explanation.items { writer.element(2, item.bytes) }
        writer.text(3, explanation.segment)
      }
    }
  }

  static func decodeSlate(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Slate {
    try arena.unpack(body, as: "Slate", magpie__v1__slate__unpack) { message throws(Fault) in
      try slate(message)
    }
  }

  static func slate(_ message: borrowing Magpie__V1__Slate) throws(Fault) -> Slate {
    var slate = Slate()
    slate.items = try messages(message.items, message.n_items) { message throws(Fault) in try item(message) }
    slate.recommendation = bytes(message.recommendation)
    slate.generation = GenerationNumber(message.generation)
    slate.position = Position(message.position)
    slate.configurationHash = message.configuration_hash
    slate.seed = message.seed
    slate.fallbacks = buffer(message.fallbacks, message.n_fallbacks).compactMap { known($0) }
    slate.degraded = buffer(message.degraded, message.n_degraded).compactMap { known($0) }
    slate.cursor = bytes(message.cursor)
    slate.skipped = buffer(message.skipped, message.n_skipped).compactMap { known($0) }
    slate.times = try times(message.times, message.n_times)
    slate.token = bytes(message.token)
    slate.experiment = text(message.experiment)
    slate.dropped = try dropCounts(message.dropped, message.n_dropped)
    return slate
  }

  private static func item(_ message: borrowing Magpie__V1__SlateItem) throws(Fault) -> SlateItem {
    var item = SlateItem(item: try identifier(message.item, field: "items.item"), score: message.score)
    item.title = text(message.title)
    item.sources = try messages(message.sources, message.n_sources) { message -> SourceShare? in
      known(message.source).map { SourceShare(source: $0, rank: message.rank, score: message.score) }
    }.compactMap { $0 }
    item.explanations = try explanations(message.explanations, message.n_explanations)
    item.contributions = try contributions(message.contributions, message.n_contributions)
    item.predictedRating =
      message.rating_opt_case == MAGPIE__V1__SLATE_ITEM__RATING_OPT_PREDICTED_RATING
      ? message.predicted_rating : nil
    // A placement that this release does not know reads as ranked: a list is not refused for a word.
    item.placement = known(message.placement) ?? .ranked
    item.propensity =
      message.propensity_opt_case == MAGPIE__V1__SLATE_ITEM__PROPENSITY_OPT_PROPENSITY
      ? message.propensity : nil
    item.calibrated =
      message.calibrated_opt_case == MAGPIE__V1__SLATE_ITEM__CALIBRATED_OPT_CALIBRATED
      ? message.calibrated : nil
    for member in buffer(message.members, message.n_members) {
      item.members.append(try identifier(member, field: "items.members"))
    }
    return item
  }

  static func times(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__StepTime>?>?, _ count: Int
  ) throws(Fault) -> [StepTime] {
    try messages(start, count) { message -> StepTime? in
      known(message.step).map { StepTime(step: $0, nanoseconds: message.nanoseconds) }
    }.compactMap { $0 }
  }

  static func explanations(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__Explanation>?>?, _ count: Int
  ) throws(Fault) -> [Explanation] {
    try messages(start, count) { message throws(Fault) -> Explanation? in
      guard let code: ExplanationCode = known(message.code) else { return nil }
      var explanation = Explanation(code: code)
      for cited in buffer(message.items, message.n_items) {
        explanation.items.append(try identifier(cited, field: "items.explanations.items"))
      }
      explanation.segment = text(message.segment)
      return explanation
    }.compactMap { $0 }
  }
}
