import MagpieClient
import Reading

/// Makes items of rows.
package struct ItemBuilder: Sendable {
  private var times: TimeReader

  package init(times: TimeReader) { self.times = times }

  /// The item of a row.
  package mutating func item(_ row: Row) throws(Problem) -> Item {
    var item = Item(id: try row.needed(.id), title: try row.text(.title) ?? "", price: try row.number(.price))
    item.text = try row.text(.text) ?? ""
    item.categories = try row.texts(.categories)
    item.currency = try row.text(.currency) ?? ""
    item.stock = try row.number(.stock)
    item.isHidden = try row.flag(.hidden) ?? false
    item.createdMicroseconds = try time(.created, row)
    item.availableFromMicroseconds = try time(.availableFrom, row)
    item.availableUntilMicroseconds = try time(.availableUntil, row)
    item.owner = try row.text(.owner)
    item.members = try row.texts(.members)
    switch (try row.number(.latitude), try row.number(.longitude)) {
    case (let latitude?, let longitude?): item.location = GeoPoint(latitude: latitude, longitude: longitude)
    case (nil, nil): break
    default: throw Problem("missing_field", "The line has one of latitude and longitude; give both or none.")
    }
    item.attributes = try AttributeBuilder.attributes(row)
    return item
  }

  private mutating func time(_ field: ImportField, _ row: Row) throws(Problem) -> Int64? {
    guard let value = row.fields[field] else { return nil }
    if case .number(let digits) = value { return try times.read(digits, field: field.rawValue) }
    return try times.read(try Row.text(value, field.rawValue), field: field.rawValue)
  }
}

/// Makes user profiles of rows.
package enum UserBuilder {
  /// The profile of a row: its identifier, and everything else as attributes.
  package static func user(_ row: Row) throws(Problem) -> UserProfile {
    UserProfile(id: try row.needed(.id), attributes: try AttributeBuilder.attributes(row))
  }
}

/// Types the attributes of a row: as its column says in CSV, as they are in JSON.
enum AttributeBuilder {
  static func attributes(_ row: Row) throws(Problem) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for attribute in row.attributes where attribute.value != .null {
      let name = attribute.name
      guard attributes.updateValue(try value(attribute), forKey: name) == nil else {
        throw Problem("duplicate_name", "The attribute \"\(name)\" occurs twice.")
      }
    }
    return attributes
  }

  private static func value(_ attribute: Row.Attribute) throws(Problem) -> AttributeValue {
    switch (attribute.type, attribute.value) {
    case (.text?, let value): return .text(try Row.text(value, attribute.name))
    case (.number?, let value): return .number(try Row.number(value, attribute.name))
    case (.flag?, let value): return .flag(try Row.flag(value, attribute.name))
    case (.texts?, let value): return .texts(try Row.texts(value, attribute.name))
    case (nil, _): return try jsonValue(attribute)
    }
  }

  private static func jsonValue(_ attribute: Row.Attribute) throws(Problem) -> AttributeValue {
    switch attribute.value {
    case .text(let text): return .text(text)
    case .number: return .number(try Row.number(attribute.value, attribute.name))
    case .flag(let flag): return .flag(flag)
    case .list: return .texts(try Row.texts(attribute.value, attribute.name))
    case .null, .object:
      throw Problem(
        "attribute_invalid",
        "The attribute \"\(attribute.name)\" is an object; give each of its values a name of its own.")
    }
  }
}
