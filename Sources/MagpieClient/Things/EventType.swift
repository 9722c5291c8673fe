/// What a user did. The raw value is the name used in files, on the command line and in configuration.
public enum EventType: String, Sendable, Hashable, CaseIterable {
  /// The item was shown; says nothing about taste by itself.
  case impression
  /// The item's page was looked at.
  case view
  /// The item was clicked in a list.
  case click
  /// Something was searched for; the only type that needs no item.
  case search
  /// Explicit approval.
  case like
  /// Explicit disapproval.
  case dislike
  /// A rating; the event's value holds it.
  case rate
  /// Put into a basket.
  case addToCart = "add_to_cart"
  /// Bought; the event's value holds the quantity.
  case purchase
  /// Played or read; the event's value holds the share consumed.
  case play
  /// Passed on to somebody.
  case share
  /// Commented on.
  case comment
  /// The user asked not to see it again.
  case hide
}
