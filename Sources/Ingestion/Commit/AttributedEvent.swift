import Vocabulary

/// What an accepted event says about the list it names.
package struct AttributedEvent: Sendable {
  package var tenant: TenantName
  package var recommendation: RecommendationIdentifier
  package var type: EventType
  package var item: ItemIdentifier
  package var position: Position
}

extension AttributedEvent {
  /// Nil for an event that names no list or no item, and for impressions: that a list was shown is known already.
  package init?(_ event: Event, of tenant: TenantName, at position: Position) {
    guard let recommendation = event.recommendation, let item = event.item, event.type != .impression else {
      return nil
    }
    self.init(
      tenant: tenant, recommendation: recommendation, type: event.type, item: item,
      position: position)
  }
}
