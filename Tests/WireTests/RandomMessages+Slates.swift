import Vocabulary

/// Requests and replies of lists that go on, and of bundles.
extension RandomMessages {
  mutating func recommend() -> RecommendRequest {
    var request = RecommendRequest()
    request.user = bytes()
    request.sessionItems = list { $0.bytes() }
    request.scenario = bytes()
    request.k = small()
    request.exclude = list { $0.bytes() }
    request.seen = [SeenPolicy.scenario, .hide, .allow].randomElement(using: &random) ?? .hide
    request.seed = number()
    request.explain = [ExplainLevel.none, .reasons, .full].randomElement(using: &random) ?? .full
    request.includeTitles = chance()
    request.minPosition = number()
    request.predictRatings = chance()
    request.cursor = cursor()
    request.distinct = bytes()
    request.filter = bytes()
    request.boost = bytes()
    request.context = context()
    request.userAttributes = list { $0.attributeDraft() }
    request.budgetMicroseconds = small()
    return request
  }

  /// None, an empty one, or one that holds something.
  mutating func cursor() -> [UInt8]? { chance() ? (chance() ? [] : bytes()) : nil }

  mutating func price() -> PriceBounds {
    var price = PriceBounds()
    price.least = chance() ? (chance() ? 0 : double()) : nil
    price.most = chance() ? (chance() ? 0 : double()) : nil
    price.currency = bytes()
    return price
  }

  mutating func bundles() -> BundlesRequest {
    var request = BundlesRequest()
    request.basket = list { $0.bytes() }
    request.user = bytes()
    (request.k, request.sizeMin, request.sizeMax) = (small(), small(), small())
    request.categories = list { $0.bytes() }
    request.hasDistinctCategories = chance()
    request.price = price()
    request.exclude = list { $0.bytes() }
    request.seed = number()
    request.includeTitles = chance()
    request.minPosition = number()
    return request
  }

  mutating func bundlesReply() -> BundlesReply {
    var reply = BundlesReply()
    reply.bundles = list { make in
      var bundle = ProposedBundle()
      bundle.members = make.list { make in
        var member = ProposedBundle.Member(item: make.id())
        member.title = make.word()
        return member
      }
      bundle.score = make.chance() ? 0 : make.float()
      bundle.price = make.chance() ? (make.chance() ? 0 : make.double()) : nil
      bundle.currency = make.word()
      return bundle
    }
    reply.recommendation = bytes()
    reply.generation = GenerationNumber(number())
    reply.position = Position(number())
    reply.configurationHash = number()
    reply.seed = number()
    reply.fallbacks = list { $0.pick(Fallback.self) }
    return reply
  }
}
