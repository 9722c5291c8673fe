import CMessages
import Vocabulary

/// `RecommendPage` and `Bundles`: answers of several lists, and of bundles.
extension RecommenderCodec {
  // MARK: RecommendPage

  static func decodeRecommendPage(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault)
    -> Request
  {
    try arena.unpack(body, as: "RecommendPageRequest", magpie__v1__recommend_page_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_lists, max: Limits.pageListsMax, field: "lists")
      var request = RecommendPageRequest()
      request.lists = try messages(message.lists, message.n_lists) { message throws(Fault) in
        try recommend(message)
      }
      return .recommendPage(request)
    }
  }

  static func encode(_ request: RecommendPageRequest, into writer: inout MessageWriter) {
    for list in request.lists {
      writer.message(1) { encode(list, into: &$0) }
    }
  }

  static func decodePage(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault)
    -> RecommendPageReply
  {
    try arena.unpack(body, as: "RecommendPageReply", magpie__v1__recommend_page_reply__unpack) {
      message throws(Fault) in
      var reply = RecommendPageReply()
      reply.lists = try messages(message.lists, message.n_lists) { message throws(Fault) in
        if let fault = message.fault { return .fault(FaultCodec.decode(fault.pointee)) }
        if let list = message.slate { return .slate(try slate(list.pointee)) }
        return .slate(Slate())
      }
      return reply
    }
  }

  static func encode(_ reply: RecommendPageReply, into writer: inout MessageWriter) {
    for list in reply.lists {
      writer.message(1) { writer in
        switch list {
        case .slate(let slate): writer.message(1) { encode(slate, into: &$0) }
        case .fault(let fault): writer.message(2) { FaultCodec.encode(fault, into: &$0) }
        }
      }
    }
  }

  // MARK: Bundles

  static func decodeBundles(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request {
    try arena.unpack(body, as: "BundlesRequest", magpie__v1__bundles_request__unpack) {
      message throws(Fault) in
      try checkCount(message.n_basket, max: Limits.contextItemsMax, field: "basket")
      try checkCount(message.n_categories, max: Limits.bundleCategoriesMax, field: "categories")
      try checkCount(message.n_exclude, max: Limits.excludedItemsMax, field: "exclude")
      var request = BundlesRequest()
      request.basket = byteLists(message.basket, message.n_basket)
      request.user = bytes(message.user)
      request.k = message.k
      request.sizeMin = message.size_min
      request.sizeMax = message.size_max
      request.categories = byteLists(message.categories, message.n_categories)
      request.hasDistinctCategories = message.distinct_categories != 0
      if message.price_min_opt_case == MAGPIE__V1__BUNDLES_REQUEST__PRICE_MIN_OPT_PRICE_MIN {
        request.price.least = message.price_min
      }
      if message.price_max_opt_case == MAGPIE__V1__BUNDLES_REQUEST__PRICE_MAX_OPT_PRICE_MAX {
        request.price.most = message.price_max
      }
      request.price.currency = bytes(message.currency)
      request.exclude = byteLists(message.exclude, message.n_exclude)
      request.seed = message.seed
      request.includeTitles = message.include_titles != 0
      request.minPosition = message.min_position
      return .bundles(request)
    }
  }

  static func encode(_ request: BundlesRequest, into writer: inout MessageWriter) {
    writer.elements(1, request.basket)
    writer.bytes(2, request.user)
    writer.number(3, UInt64(request.k))
    writer.number(4, UInt64(request.sizeMin))
    writer.number(5, UInt64(request.sizeMax))
    writer.elements(6, request.categories)
    writer.flag(7, request.hasDistinctCategories)
    if let least = request.price.least { writer.present(8, least) }
    if let most = request.price.most { writer.present(9, most) }
    writer.bytes(10, request.price.currency)
    writer.elements(11, request.exclude)
    writer.number(12, request.seed)
    writer.flag(13, request.includeTitles)
    writer.number(14, request.minPosition)
  }

  static func decodeBundlesReply(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault)
    -> BundlesReply
  {
    try arena.unpack(body, as: "BundlesReply", magpie__v1__bundles_reply__unpack) { message throws(Fault) in
      var reply = BundlesReply()
      reply.bundles = try messages(message.bundles, message.n_bundles) { message throws(Fault) in
        var bundle = ProposedBundle()
        bundle.members = try messages(message.members, message.n_members) { message throws(Fault) in
          var member = ProposedBundle.Member(
            item: try identifier(message.item, field: "bundles.members.item"))
          member.title = text(message.title)
          return member
        }
        bundle.score = message.score
        bundle.price =
          message.price_opt_case == MAGPIE__V1__PROPOSED_BUNDLE__PRICE_OPT_PRICE ? message.price : nil
        bundle.currency = text(message.currency)
        return bundle
      }
      reply.recommendation = bytes(message.recommendation)
      reply.generation = GenerationNumber(message.generation)
      reply.position = Position(message.position)
      reply.configurationHash = message.configuration_hash
      reply.seed = message.seed
      reply.fallbacks = buffer(message.fallbacks, message.n_fallbacks).compactMap { known($0) }
      return reply
    }
  }

  static func encode(_ reply: BundlesReply, into writer: inout MessageWriter) {
    for bundle in reply.bundles {
      writer.message(1) { writer in
        for member in bundle.members {
          writer.message(1) { writer in
            writer.bytes(1, member.item.bytes)
            writer.text(2, member.title)
          }
        }
        writer.float(2, bundle.score)
        if let price = bundle.price { writer.present(3, price) }
        writer.text(4, bundle.currency)
      }
    }
    writer.bytes(2, reply.recommendation)
    writer.number(3, reply.generation.value)
    writer.number(4, reply.position.value)
    writer.fixed64(5, reply.configurationHash)
    writer.number(6, reply.seed)
    writer.packed(7, enumerations: reply.fallbacks.lazy.map(\.rawValue))
  }
}
