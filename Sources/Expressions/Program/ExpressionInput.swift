import Vocabulary

/// What an expression is asked about: one item, for one user, in one request.
package struct ExpressionInput: Sendable {
  /// Nil for an item known from events only: all its fields are missing but its identifier. Behind a reference, so that
  /// going from item to item copies no fields.
  package var entry: ItemEntry?
  package var itemIdentifier: ItemIdentifier?
  /// `user.id`; nil for an anonymous visitor.
  package var userIdentifier: UserIdentifier?
  package var userAttributes: [String: AttributeValue]
  package var context: ExpressionContext

  package init(
    item: Item?, itemIdentifier: ItemIdentifier, user: UserProfile? = nil, context: ExpressionContext
  ) {
    entry = item.map { ItemEntry($0) }
    self.itemIdentifier = itemIdentifier
    userIdentifier = user?.id
    userAttributes = user?.attributes ?? [:]
    self.context = context
  }

  /// Of no item yet.
  package init(
    user: UserIdentifier?, attributes: [String: AttributeValue], context: ExpressionContext
  ) {
    userIdentifier = user
    userAttributes = attributes
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
