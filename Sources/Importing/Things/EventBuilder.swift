import MagpieClient
import Reading

/// Makes events of rows, and gives each an identifier that comes out the same every time.
package struct EventBuilder: Sendable {
  private let defaultType: EventType?
  private let fixedTime: Int64?
  /// The unit of times, once known.
  package private(set) var times: TimeReader
  private var occurrences = OccurrenceCounter()

  /// - Parameters:
  ///   - defaultType: of rows without a type.
  ///   - fixedTime: of rows without a time, microseconds since 1970.
  package init(defaultType: EventType?, fixedTime: Int64?, times: TimeReader) {
    self.defaultType = defaultType
    self.fixedTime = fixedTime
    self.times = times
  }

  /// The event of a row. Rows must come in the order of the file: equal rows are told apart by how many came before.
  package mutating func event(_ row: Row) throws(Problem) -> Event {
    var event = Event(try type(row), user: try row.needed(.user), id: "")
    event.item = try row.text(.item)
    if event.type != .search, event.item?.isEmpty ?? true {
      throw Problem("missing_field", "The line has no item, which every event but a search needs.")
    }
    event.timeMicroseconds = try time(row)
    event.value = try row.number(.value)
    event.session = try row.text(.session)
    event.recommendation = try row.text(.recommendation)
    event.query = try row.text(.query)
    if let id = try row.text(.id), !id.isEmpty {
      event.id = id
    } else {
      let content = EventIdentity.content(event)
      event.id = EventIdentity.identifier(content, occurrence: occurrences.next(content))
    }
    return event
  }

  private func type(_ row: Row) throws(Problem) -> EventType {
    guard let name = try row.text(.type) else {
      guard let defaultType else {
        throw Problem(
          "event_type_unknown", "The line has no type; add one, or give a type for such lines with --type.")
      }
      return defaultType
    }
    guard let type = EventType(importName: name) else {
      let names = EventType.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem("event_type_unknown", "The type \"\(name)\" is not known; use one of \(names).")
    }
    return type
  }

  private mutating func time(_ row: Row) throws(Problem) -> Int64 {
    guard let value = row.fields[.time] else {
      guard let fixedTime else { throw Problem("missing_field", "The line has no time.") }
      return fixedTime
    }
    if case .number(let digits) = value { return try times.read(digits, field: "time") }
    return try times.read(try Row.text(value, "time"), field: "time")
  }
}

extension EventType {
  /// The type that a name in a file means: its own, or one in common use.
  package init?(importName name: String) {
    let plain = name.trimmedSpaces.lowercased()
    if let type = EventType(rawValue: plain) {
      self = type
      return
    }
    switch ImportField.plain(plain) {
    case "buy", "bought", "order", "transaction": self = .purchase
    case "addtocart", "cart", "addtobasket", "basket": self = .addToCart
    case "pageview", "detail", "viewed", "pv": self = .view
    case "rating", "rated": self = .rate
    case "clicked": self = .click
    case "listen", "watch", "read", "played": self = .play
    case "favorite", "favourite", "fav": self = .like
    default: return nil
    }
  }
}
