import LiveState
import Serving
import Vocabulary

/// Lists that go on: pages of one ranking, and several lists for one screen.
extension Engine {
  func recommend(
    _ request: RecommendRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .recommend(request), request.begun, of: tenant, context, scratch) {
      (turn) throws(Fault) in
      try ReadPath.recommend(request, context, scratch.reading, turn)
    }
  }

  func similar(
    _ request: SimilarRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .similar(request), request.begun, of: tenant, context, scratch) {
      (turn) throws(Fault) in
      try ReadPath.similar(request, context, scratch.reading, turn)
    }
  }

  func complete(
    _ request: CompleteRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .complete(request), request.begun, of: tenant, context, scratch) {
      (turn) throws(Fault) in
      try ReadPath.complete(request, context, scratch.reading, turn)
    }
  }

  /// Answers one page: `body` ranks, or cuts from what was ranked.
  /// - Parameters:
  ///   - asked: the request. Nothing is made of it, nor hashed, for a list of one page.
  ///   - request: what all pages of a list have in common. The process draws its own hash seed, so nobody outside can aim
  ///     at a collision.
  private func page<Begun: Hashable>(
    _ cursor: [UInt8]?, _ asked: @autoclosure () -> ReplayPlan.Question, _ request: @autoclosure () -> Begun,
    of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch,
    _ body: (PageTurn) throws(Fault) -> Slate
  ) throws(Fault) -> Slate {
    guard let cursor else { return try body(.only) }
    var slate: Slate
    let number: UInt64
    let asked = asked()
    if cursor.isEmpty {
      slate = try body(.first)
      guard var ranking = scratch.reading.rest.ranking else { return slate }
      // Later pages carry it in their tokens; one that is too long for a token would only take memory.
      if ranking.provenance != nil, asked.roughBytes <= Limits.tokenRequestBytesMax { ranking.first = asked }
      number = rankings.keep(
        ranking, request: request().hashValue, seconds: context.settings.paging.seconds,
        now: ContinuousNanoseconds.now)
    } else {
      let place = try PageCursor(cursor, tenant.name, cursorSecret)
      guard place.method == asked.method else { throw PageCursor.mismatch }
      number = place.number
      let ranking = try rankings.find(
        number, request: request().hashValue, now: ContinuousNanoseconds.now)
      slate = try body(.next(ranking, from: Int(place.place)))
    }
    if let next = scratch.reading.rest.place {
      let place = PageCursor(
        method: asked.method, place: UInt32(clamping: next), life: cursorSecret.life, number: number)
      slate.cursor = place.text(tenant.name, cursorSecret)
    }
    return slate
  }

  /// The lists of one screen, one after the other, all from one state. What is wrong with one list is said in its place,
  /// and the others are answered; the whole is refused only if nothing could be, or the caller is gone.
  func recommendPage(
    _ request: RecommendPageRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> RecommendPageReply {
    guard !request.lists.isEmpty else {
      throw Fault(.missingField, "lists is empty; ask for at least one list.", field: "lists")
    }
    guard request.lists.count <= Limits.pageListsMax else {
      throw Fault(
        .tooMany, "lists has \(request.lists.count) entries; at most \(Limits.pageListsMax) are allowed.",
        field: "lists")
    }
    defer { scratch.reading.apart.removeAll() }
    var taken: [[UInt8]: [ItemIndex]] = [:]
    var reply = RecommendPageReply()
    scratch.refresh(inForce)
    var context = context
    for (number, list) in request.lists.enumerated() {
      scratch.reading.apart = list.distinct.isEmpty ? [] : taken[list.distinct] ?? []
      do throws(Fault) {
        guard list.distinct.count <= Limits.identifierBytesMax else {
          throw Fault(
            .textTooLong,
            "distinct has \(list.distinct.count) bytes; at most \(Limits.identifierBytesMax) are allowed.",
            field: "distinct")
        }
        // Each list takes part in the experiments of its own scenario.
        var question = list
        let entry = entry(of: list, tenant, scratch)
        context.view = entry.view
        if let scenario = entry.scenario { question.scenario = scenario }
        context.enter(scratch.settings.scenario(question.scenario))
        var slate = try recommend(question, of: tenant, context, scratch)
        slate.experiment = entry.label
        // What other lists took shapes this one, and no token of one list holds that.
        slate.provenance = nil
        expose(
          slate, of: tenant, scenario: list.scenario, user: list.user, propensity: entry.propensity, scratch)
        reply.lists.append(.slate(slate))
        if !list.distinct.isEmpty { taken[list.distinct, default: []] += scratch.reading.shownItems }
        // The caller records those of the last list.
        if number < request.lists.count - 1 { scratch.recordTimes() }
      } catch {
        if error.reason == .cancelled { throw error }
        reply.lists.append(.fault(error))
      }
    }
    if case .fault(let fault)? = reply.lists.first, fault.reason == .deadlineExceeded { throw fault }
    return reply
  }
}

extension ReplayPlan.Question {
  var method: Method {
    switch self {
    case .recommend: .recommend
    case .similar: .similar
    case .complete: .complete
    case .rank: .rank
    }
  }

  /// Bytes of what a request may hold much of: no less than nine tenths of what it takes when encoded, and for
  /// the bound on what is kept that is near enough.
  fileprivate var roughBytes: Int {
    func bytes(_ lists: [[UInt8]]...) -> Int { lists.joined().reduce(64) { $0 + $1.count + 2 } }
    func bytes(_ attributes: [AttributeDraft]) -> Int { 64 * attributes.count }
    switch self {
    case .recommend(let asked):
      return bytes([asked.user, asked.filter, asked.boost], asked.sessionItems, asked.exclude)
        + bytes(asked.userAttributes) + bytes(asked.context.attributes)
    case .similar(let asked):
      return bytes([asked.user, asked.item, asked.filter, asked.boost], asked.exclude)
        + bytes(asked.context.attributes)
    case .complete(let asked):
      return bytes([asked.user, asked.filter, asked.boost], asked.basket, asked.exclude)
        + bytes(asked.context.attributes)
    case .rank(let asked): return bytes([asked.user], asked.items, asked.sessionItems)
    }
  }
}

// What may differ from page to page: how many items and what is told of them, and what became known or unwanted while
// somebody was paging.
extension RecommendRequest {
  fileprivate var begun: RecommendRequest {
    var request = self
    (request.cursor, request.k, request.explain) = (nil, 0, .none)
    (request.includeTitles, request.predictRatings, request.minPosition) = (false, false, 0)
    (request.sessionItems, request.exclude, request.distinct) = ([], [], [])
    return request
  }
}

extension SimilarRequest {
  fileprivate var begun: SimilarRequest {
    var request = self
    (request.cursor, request.k, request.explain) = (nil, 0, .none)
    (request.includeTitles, request.exclude) = (false, [])
    return request
  }
}

extension CompleteRequest {
  fileprivate var begun: CompleteRequest {
    var request = self
    (request.cursor, request.k, request.explain) = (nil, 0, .none)
    (request.includeTitles, request.exclude) = (false, [])
    return request
  }
}
