/// The value of one attribute of an item or a user.
public enum AttributeValue: Sendable, Hashable {
  /// A text.
  case text(String)
  /// A finite number.
  case number(Double)
  /// Yes or no.
  case flag(Bool)
  /// Several texts.
  case texts([String])
}

/// An embedding made elsewhere, for instance of an image.
public struct NamedVector: Sendable, Hashable {
  /// Which of the caller's embeddings it is.
  public var name: String
  /// Finite numbers, at most 4,096.
  public var values: [Float]

  /// Makes a vector.
  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}

/// A point on the Earth in degrees.
public struct GeoPoint: Sendable, Hashable {
  /// -90 to 90.
  public var latitude: Double
  /// -180 to 180.
  public var longitude: Double

  /// Makes a point.
  public init(latitude: Double, longitude: Double) {
    self.latitude = latitude
    self.longitude = longitude
  }
}

/// One entry of the catalogue. Putting an item replaces the whole entry. Times are microseconds since
/// 1970-01-01 UTC.
public struct Item: Sendable, Hashable {
  /// 1 to 256 bytes of UTF-8 without a zero byte.
  public var id: String
  /// What people see.
  public var title: String
  /// Descriptive text.
  public var text: String
  /// Names of the categories it is in.
  public var categories: [String]
  /// In units of `currency`.
  public var price: Double?
  /// ISO 4217 code, or empty.
  public var currency: String
  /// Never recommended, still learned from.
  public var isHidden: Bool
  /// Units at hand; nil means "not tracked", zero hides the item.
  public var stock: Double?
  /// When the item came into being.
  public var createdMicroseconds: Int64?
  /// First moment it may be shown.
  public var availableFromMicroseconds: Int64?
  /// First moment it may no longer be shown.
  public var availableUntilMicroseconds: Int64?
  /// Where it is.
  public var location: GeoPoint?
  /// The user who offers it; never recommended to them.
  public var owner: String?
  /// Everything else known of it.
  public var attributes: [String: AttributeValue]
  /// Embeddings made elsewhere.
  public var vectors: [NamedVector]
  /// For a bundle: the items it is made of.
  public var members: [String]

  /// Makes an item; set what else is known afterwards.
  public init(id: String, title: String = "", price: Double? = nil) {
    self.id = id
    self.title = title
    text = ""
    categories = []
    self.price = price
    currency = ""
    isHidden = false
    attributes = [:]
    vectors = []
    members = []
  }
}
