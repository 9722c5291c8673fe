import LiveState
import Serving
import Vocabulary

/// Lists that go on: pages of one ranking, and several lists for one screen.
extension Engine {
  func recommend(
    _ request: RecommendRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .recommend, request.begun, of: tenant, context, scratch) {
      (turn) throws(Fault) in
      try ReadPath.recommend(request, context, scratch.reading, turn)
    }
  }

  func similar(
    _ request: SimilarRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .similar, request.begun, of: tenant, context, scratch) { (turn) throws(Fault) in
      try ReadPath.similar(request, context, scratch.reading, turn)
    }
  }

  func complete(
    _ request: CompleteRequest, of tenant: ServedTenant, _ context: ReadContext, _ scratch: EngineScratch
  ) throws(Fault) -> Slate {
    try page(request.cursor, .complete, request.begun, of: tenant, context, scratch) { (turn) throws(Fault) in
      try ReadPath.complete(request, context, scratch.reading, turn)
    }
  }

  /// Answers one page: `body` ranks, or cuts from what was ranked.
  /// - Parameter request: what all pages of a list have in common. The process draws its own hash seed, so nobody outside
  ///   can aim at a collision; nothing is hashed for a list of one page.
  private func page<Begun: Hashable>(
    _ cursor: [UInt8]?, _ method: Method, _ request: @autoclosure () -> Begun, of tenant: ServedTenant,
    _ context: ReadContext, _ scratch: EngineScratch, _ body: (PageTurn) throws(Fault) -> Slate
  ) throws(Fault) -> Slate {
    guard let cursor else { return try body(.only) }
    var slate: Slate
    let number: UInt64
    if cursor.isEmpty {
      slate = try body(.first)
      guard let ranking = scratch.reading.rest.ranking else { return slate }
      number = rankings.keep(
        ranking, request: request().hashValue, seconds: context.settings.paging.seconds,
        now: ContinuousNanoseconds.now)
    } else {
      let place = try PageCursor(cursor, tenant.name, cursorSecret)
      guard place.method == method else { throw PageCursor.mismatch }
      number = place.number
      let ranking = try rankings.find(
        number, request: request().hashValue, now: ContinuousNanoseconds.now)
      slate = try body(.next(ranking, from: Int(place.place)))
    }
    // A page cannot be made again without the ranking it was cut from.
    slate.provenance = nil
    if let next = scratch.reading.rest.place {
      let place = PageCursor(
        method: method, place: UInt32(clamping: next), life: cursorSecret.life, number: number)
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
        context.enter(scratch.settings.scenario(list.scenario))
        let slate = try recommend(list, of: tenant, context, scratch)
        expose(slate, of: tenant, scenario: list.scenario, user: list.user, scratch)
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
