import Vocabulary

/// What an expression is asked about: one item, for one user, in one request.
package struct ExpressionInput: Sendable {
  /// Nil for an item known from events only: all its fields are missing but its identifier.
  package var item: Item?
  package var itemIdentifier: ItemIdentifier
  package var user: UserProfile?
  package var context: ExpressionContext

  package init(
    item: Item?, itemIdentifier: ItemIdentifier, user: UserProfile? = nil, context: ExpressionContext
  ) {
    self.item = item
    self.itemIdentifier = itemIdentifier
    self.user = user
    self.context = context
  }
}

/// What the request says of its surroundings.
package struct ExpressionContext: Sendable, Hashable {
  /// Seconds since 1970: `context.time`.
  package var seconds: Double
  package var location: GeoPoint?
  /// Everything else a caller names, such as a device or a page.
  package var attributes: [String: AttributeValue]

  package init(seconds: Double, location: GeoPoint? = nil, attributes: [String: AttributeValue] = [:]) {
    self.seconds = seconds
    self.location = location
    self.attributes = attributes
  }
}
