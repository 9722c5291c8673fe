import CMessages
import Vocabulary

/// `Recommender`: the requests of proto/magpie/v1/recommender.proto. Slates are in `RecommenderCodec+Slate`.
enum RecommenderCodec {
  static func decodeRecommend(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "RecommendRequest", magpie__v1__recommend_request__unpack) {
      message throws(Fault) in
      .recommend(try recommend(message))
    }
  }

  /// Also each list of a page.
  static func recommend(_ message: borrowing Magpie__V1__RecommendRequest) throws(Fault) -> RecommendRequest {
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
    if message.cursor_opt_case == MAGPIE__V1__RECOMMEND_REQUEST__CURSOR_OPT_CURSOR {
      request.cursor = bytes(message.cursor)
    }
    request.distinct = bytes(message.distinct)
    request.filter = bytes(message.filter)
    request.boost = bytes(message.boost)
    request.context = try context(message.context)
    try checkCount(message.n_user_attributes, max: Limits.contextAttributesMax, field: "user_attributes")
    request.userAttributes = try messages(message.user_attributes, message.n_user_attributes) {
      ThingCodec.attribute($0)
    }
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
      request.scenario = bytes(message.scenario)
      request.filter = bytes(message.filter)
      request.boost = bytes(message.boost)
      request.context = try context(message.context)
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
      request.scenario = bytes(message.scenario)
      request.filter = bytes(message.filter)
      request.boost = bytes(message.boost)
      request.context = try context(message.context)
      request.user = bytes(message.user)
      if message.cursor_opt_case == MAGPIE__V1__SIMILAR_REQUEST__CURSOR_OPT_CURSOR {
        request.cursor = bytes(message.cursor)
      }
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
      request.scenario = bytes(message.scenario)
      request.filter = bytes(message.filter)
      request.boost = bytes(message.boost)
      request.context = try context(message.context)
      request.answer = try enumeration(message.answer, field: "answer")
      if message.price_min_opt_case == MAGPIE__V1__COMPLETE_REQUEST__PRICE_MIN_OPT_PRICE_MIN {
        request.price.least = message.price_min
      }
      if message.price_max_opt_case == MAGPIE__V1__COMPLETE_REQUEST__PRICE_MAX_OPT_PRICE_MAX {
        request.price.most = message.price_max
      }
      request.price.currency = bytes(message.currency)
      if message.cursor_opt_case == MAGPIE__V1__COMPLETE_REQUEST__CURSOR_OPT_CURSOR {
        request.cursor = bytes(message.cursor)
      }
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
    writer.bytes(12, request.filter)
    writer.bytes(13, request.boost)
    encode(request.context, field: 14, into: &writer)
    if let cursor = request.cursor { writer.element(15, cursor) }
    writer.bytes(16, request.distinct)
    writer.number(17, UInt64(request.budgetMicroseconds))
    for attribute in request.userAttributes {
      writer.message(18) { ThingCodec.encode(attribute, into: &$0) }
    }
  }

  static func encode(_ request: SimilarRequest, into writer: inout MessageWriter) {
    writer.bytes(1, request.item)
    writer.number(2, UInt64(request.k))
    writer.elements(3, request.exclude)
    writer.number(4, UInt64(request.explain.rawValue))
    writer.flag(5, request.includeTitles)
    writer.bytes(6, request.user)
    writer.bytes(7, request.filter)
    writer.bytes(8, request.scenario)
    encode(request.context, field: 10, into: &writer)
    if let cursor = request.cursor { writer.element(15, cursor) }
    writer.bytes(20, request.boost)
  }

  static func encode(_ request: CompleteRequest, into writer: inout MessageWriter) {
    writer.elements(1, request.basket)
    writer.bytes(2, request.user)
    writer.number(3, UInt64(request.k))
    writer.elements(4, request.exclude)
    writer.number(5, UInt64(request.explain.rawValue))
    writer.flag(6, request.includeTitles)
    writer.bytes(7, request.filter)
    writer.bytes(8, request.scenario)
    encode(request.context, field: 10, into: &writer)
    writer.number(11, UInt64(request.answer.rawValue))
    if let least = request.price.least { writer.present(12, least) }
    if let most = request.price.most { writer.present(13, most) }
    writer.bytes(14, request.price.currency)
    if let cursor = request.cursor { writer.element(15, cursor) }
    writer.bytes(20, request.boost)
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
    writer.bytes(9, request.scenario)
    encode(request.context, field: 10, into: &writer)
    writer.bytes(11, request.filter)
    writer.bytes(20, request.boost)
  }
}
