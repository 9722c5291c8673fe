import CMessages
import Vocabulary

/// `Recommender`: the requests of proto/magpie/v1/recommender.proto. Slates are in `RecommenderCodec+Slate`.
enum RecommenderCodec {
  static func decodeRecommend(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "RecommendRequest", magpie__v1__recommend_request__unpack) {
      message throws(Fault) in
      .recommend(try recommendation(message))
    }
  }

  /// The question itself, which other messages embed.
  static func recommendation(
    _ message: borrowing Magpie__V1__RecommendRequest
  ) throws(Fault) -> RecommendRequest {
    try checkCount(message.n_session_items, max: Limits.contextItemsMax, field: "session_items")
    try checkCount(message.n_exclude, max: Limits.excludedItemsMax, field: "exclude")
    var request = RecommendRequest()
    request.user = bytes(message.user)
    request.sessionItems = byteLists(message.session_items, message.n_session_items)
    request.scenario = bytes(message.scenario)
    request.k = message.k
    request.exclude = byteLists(message.exclude, message.n_exclude)
    request.seen = try enumeration(message.seen, field: "seen")
    request.seed = message.seed
    request.explain = try enumeration(message.explain, field: "explain")
    request.includeTitles = message.include_titles != 0
    request.minPosition = message.min_position
    request.predictRatings = message.predict_ratings != 0
    request.budgetMicroseconds = message.budget_us
    return request
  }

  static func decodeRank(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "RankRequest", magpie__v1__rank_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_items, max: Limits.slateItemsMax, field: "items")
      try checkCount(message.n_session_items, max: Limits.contextItemsMax, field: "session_items")
      var request = RankRequest()
      request.user = bytes(message.user)
      request.items = byteLists(message.items, message.n_items)
      request.sessionItems = byteLists(message.session_items, message.n_session_items)
      request.seed = message.seed
      request.explain = try enumeration(message.explain, field: "explain")
      request.includeTitles = message.include_titles != 0
      request.minPosition = message.min_position
      request.predictRatings = message.predict_ratings != 0
      return .rank(request)
    }
  }

  static func decodeSimilar(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "SimilarRequest", magpie__v1__similar_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_exclude, max: Limits.excludedItemsMax, field: "exclude")
      var request = SimilarRequest()
      request.item = bytes(message.item)
      request.k = message.k
      request.exclude = byteLists(message.exclude, message.n_exclude)
      request.explain = try enumeration(message.explain, field: "explain")
      request.includeTitles = message.include_titles != 0
      return .similar(request)
    }
  }

  static func decodeComplete(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "CompleteRequest", magpie__v1__complete_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_basket, max: Limits.contextItemsMax, field: "basket")
      try checkCount(message.n_exclude, max: Limits.excludedItemsMax, field: "exclude")
      var request = CompleteRequest()
      request.basket = byteLists(message.basket, message.n_basket)
      request.user = bytes(message.user)
      request.k = message.k
      request.exclude = byteLists(message.exclude, message.n_exclude)
      request.explain = try enumeration(message.explain, field: "explain")
      request.includeTitles = message.include_titles != 0
      return .complete(request)
    }
  }

  static func encode(_ request: RecommendRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.user)
    writer.elements(2, request.sessionItems)
    writer.bytes(3, request.scenario)
    writer.number(4, UInt64(request.k))
    writer.elements(5, request.exclude)
    writer.number(6, UInt64(request.seen.rawValue))
    writer.number(7, request.seed)
    writer.number(8, UInt64(request.explain.rawValue))
    writer.flag(9, request.includeTitles)
    writer.number(10, request.minPosition)
    writer.flag(11, request.predictRatings)
    writer.number(17, UInt64(request.budgetMicroseconds))
  }

  static func encode(_ request: SimilarRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.item)
    writer.number(2, UInt64(request.k))
    writer.elements(3, request.exclude)
    writer.number(4, UInt64(request.explain.rawValue))
    writer.flag(5, request.includeTitles)
  }

  static func encode(_ request: CompleteRequest, into writer: inout MessageWriter) {
    writer.elements(1, request.basket)
    writer.bytes(2, request.user)
    writer.number(3, UInt64(request.k))
    writer.elements(4, request.exclude)
    writer.number(5, UInt64(request.explain.rawValue))
    writer.flag(6, request.includeTitles)
  }

  static func encode(_ request: RankRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.user)
    writer.elements(2, request.items)
    writer.elements(3, request.sessionItems)
    writer.number(4, request.seed)
    writer.number(5, UInt64(request.explain.rawValue))
    writer.flag(6, request.includeTitles)
    writer.number(7, request.minPosition)
    writer.flag(8, request.predictRatings)
  }
}
