/// One thing a user did, checked and ready for the log.
package struct Event: Sendable, Hashable {
  /// Chosen by the caller; sending the same event again is harmless, sending another under it is an error.
  package var id: EventIdentifier
  package var type: EventType
  package var user: UserIdentifier
  /// Present unless the type is `search`.
  package var item: ItemIdentifier?
  /// When it happened, by the caller's clock.
  package var time: Timestamp
  /// A rating, a quantity, a share played; finite. 1 when the caller said nothing.
  package var value: Float
  package var session: SessionIdentifier?
  /// The `recommendation` of the slate that led here, for attribution.
  package var recommendation: RecommendationIdentifier?
  /// Text of a search.
  package var query: String

  package init(
    id: EventIdentifier, type: EventType, user: UserIdentifier, item: ItemIdentifier?, time: Timestamp,
    value: Float = 1, session: SessionIdentifier? = nil, recommendation: RecommendationIdentifier? = nil,
    query: String = ""
  ) {
    self.id = id
    self.type = type
    self.user = user
    self.item = item
    self.time = time
    self.value = value
    self.session = session
    self.recommendation = recommendation
    self.query = query
  }
}

/// An event as it came off the wire, before anything was checked.
package struct EventDraft: Sendable, Hashable {
  package var id: [UInt8] = []
  package var type: Int32 = 0
  package var user: [UInt8] = []
  package var item: [UInt8] = []
  /// Microseconds since 1970; zero means "now".
  package var timeMicroseconds: Int64 = 0
  /// Nil means 1.
  package var value: Double?
  package var session: [UInt8] = []
  package var recommendation: [UInt8] = []
  package var query: [UInt8] = []

  package init() {}
}
