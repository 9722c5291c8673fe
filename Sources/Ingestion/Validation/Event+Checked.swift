import Vocabulary

extension Event {
  /// Checks a draft. The first thing wrong is thrown; fields are looked at in the schema's order.
  ///
  /// A draft without a time yields an event whose time is `.zero`; the committer replaces it by the ingest
  /// time of its commit group, so that such an event has the same content each time it is sent.
  /// - Parameter now: the server's clock.
  package init(checking draft: EventDraft, now: Timestamp) throws(Fault) {
    let id = try EventIdentifier(draft.id, field: "id")
    guard let raw = UInt8(exactly: draft.type), let type = EventType(rawValue: raw) else {
      throw Fault(
        .eventTypeUnknown,
        draft.type == 0
          ? "type is missing; see EventType in the schema." : "There is no event type \(draft.type).",
        field: "type")
    }
    let user = try UserIdentifier(draft.user)
    var item: ItemIdentifier?
    if !draft.item.isEmpty {
      item = try ItemIdentifier(draft.item)
    } else if type.needsItem {
      throw Fault(.missingField, "An event of type \(type.name) must name an item.", field: "item")
    }
    let time = try Timestamp.eventTime(checking: draft.timeMicroseconds, now: now)
    let value = try checkNumber(
      draft.value ?? 1, in: -Limits.eventValueMax...Limits.eventValueMax, field: "value")
    let session: SessionIdentifier? = draft.session.isEmpty ? nil : try SessionIdentifier(draft.session)
    let recommendation: RecommendationIdentifier? =
      draft.recommendation.isEmpty ? nil : try RecommendationIdentifier(draft.recommendation)
    let query = try String(checking: draft.query, field: "query", bytesMax: Limits.queryBytesMax)
    self.init(
      id: id, type: type, user: user, item: item, time: time, value: Float(value), session: session,
      recommendation: recommendation, query: query)
  }
}
