import Expressions
import Vocabulary

/// An item with a value in each field, and the request of a user who looks at it.
enum Examples {
  static func item() throws -> Item {
    var item = Item(id: try ItemIdentifier("tea-1"))
    item.title = "Green tea"
    item.categories = ["tea", "drinks"]
    item.price = 12.5
    item.currency = "EUR"
    item.stock = 3
    item.created = Timestamp(microseconds: 1_700_000_000_000_000)
    item.location = GeoPoint(latitude: 52.52, longitude: 13.405)
    item.owner = try UserIdentifier("shop")
    item.attributes = [
      "colour": .text("green"), "weight": .number(250), "organic": .flag(true),
      "tags": .texts(["loose", "mild"]),
      "price": .text("a text that is called like a field"), "a b": .number(7),
    ]
    return item
  }

  static func input() throws -> ExpressionInput {
    var user = UserProfile(id: try UserIdentifier("ann"))
    user.attributes = ["country": .text("DE"), "likes": .texts(["mild"]), "limit": .number(20)]
    return ExpressionInput(
      item: try item(), itemIdentifier: try ItemIdentifier("tea-1"), user: user,
      context: ExpressionContext(
        seconds: 1_700_000_000 + 86_400, location: GeoPoint(latitude: 48.8566, longitude: 2.3522),
        attributes: ["device": .text("phone")]))
  }

  /// Known from events only, asked about by nobody.
  static func bareInput() throws -> ExpressionInput {
    ExpressionInput(
      item: nil, itemIdentifier: try ItemIdentifier("unknown"),
      context: ExpressionContext(seconds: 1_700_000_000))
  }
}
