/// The value of one attribute of an item or a user.
package enum AttributeValue: Sendable, Hashable {
  case text(String)
  case number(Double)
  case flag(Bool)
  case texts([String])
}

/// A caller-supplied embedding, for instance of an image.
package struct NamedVector: Sendable, Hashable {
  package var name: String
  package var values: [Float]

  package init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}

/// A point on the Earth in degrees.
package struct GeoPoint: Sendable, Hashable {
  package var latitude: Double
  package var longitude: Double

  package init(latitude: Double, longitude: Double) {
    self.latitude = latitude
    self.longitude = longitude
  }
}

/// One entry of the catalogue, checked. Putting an item replaces the whole entry.
package struct Item: Sendable, Hashable {
  package var id: ItemIdentifier
  package var title = ""
  /// Descriptive text for content models.
  package var text = ""
  package var categories: [String] = []
  package var price: Double?
  /// ISO 4217 code, or empty.
  package var currency = ""
  /// Never recommended, still learned from.
  package var isHidden = false
  /// Units at hand; nil means "not tracked". Zero hides the item and keeps learning.
  package var stock: Double?
  /// When the item came into being, by the caller; freshness sources read it.
  package var created: Timestamp?
  package var availableFrom: Timestamp?
  /// First moment at which the item is no longer shown.
  package var availableUntil: Timestamp?
  package var location: GeoPoint?
  /// The user who offers it; it is never recommended to them.
  package var owner: UserIdentifier?
  package var attributes: [String: AttributeValue] = [:]
  package var vectors: [NamedVector] = []
  /// Present for a bundle: the items it is made of.
  package var members: [ItemIdentifier] = []

  package init(id: ItemIdentifier) { self.id = id }
}

/// What is known of a user besides behaviour, checked. Putting a profile replaces it whole.
package struct UserProfile: Sendable, Hashable {
  package var id: UserIdentifier
  package var attributes: [String: AttributeValue] = [:]
  package var vectors: [NamedVector] = []

  package init(id: UserIdentifier) { self.id = id }
}

/// An attribute as it came off the wire.
package struct AttributeDraft: Sendable, Hashable {
  package var name: [UInt8]
  package var value: Value

  package enum Value: Sendable, Hashable {
    case missing
    case text([UInt8])
    case number(Double)
    case flag(Bool)
    case texts([[UInt8]])
  }

  package init(name: [UInt8], value: Value) {
    self.name = name
    self.value = value
  }
}

/// A vector as it came off the wire.
package struct VectorDraft: Sendable, Hashable {
  package var name: [UInt8]
  package var values: [Float]

  package init(name: [UInt8], values: [Float]) {
    self.name = name
    self.values = values
  }
}

/// An item as it came off the wire. Times are microseconds since 1970; zero means "not given".
package struct ItemDraft: Sendable, Hashable {
  package var id: [UInt8] = []
  package var title: [UInt8] = []
  package var text: [UInt8] = []
  package var categories: [[UInt8]] = []
  package var price: Double?
  package var currency: [UInt8] = []
  package var isHidden = false
  package var stock: Double?
  package var created: Int64 = 0
  package var availableFrom: Int64 = 0
  package var availableUntil: Int64 = 0
  package var location: GeoPoint?
  package var owner: [UInt8] = []
  package var attributes: [AttributeDraft] = []
  package var vectors: [VectorDraft] = []
  package var members: [[UInt8]] = []

  package init() {}
}

/// A user as it came off the wire.
package struct UserDraft: Sendable, Hashable {
  package var id: [UInt8] = []
  package var attributes: [AttributeDraft] = []
  package var vectors: [VectorDraft] = []

  package init() {}
}
