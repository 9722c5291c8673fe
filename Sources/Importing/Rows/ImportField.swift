/// What an imported file can hold.
package enum ImportKind: String, Sendable, CaseIterable {
  case events, items, users
}

/// What a column, or a name in JSON, can mean.
package enum ImportField: String, Sendable, Hashable, CaseIterable {
  case id, user, item, time, type, value, session, recommendation, query
  case title, text, categories, price, currency, stock, hidden, created
  case availableFrom = "available_from"
  case availableUntil = "available_until"
  case owner, latitude, longitude, members
  /// Kept under its own name as an attribute.
  case attribute
  /// Left out.
  case ignore

  /// The fields that a kind of file has.
  package static func fields(of kind: ImportKind) -> [ImportField] {
    switch kind {
    case .events: [.id, .user, .item, .time, .type, .value, .session, .recommendation, .query]
    case .items:
      [
        .id, .title, .text, .categories, .price, .currency, .stock, .hidden, .created, .availableFrom,
        .availableUntil, .owner, .latitude, .longitude, .members,
      ]
    case .users: [.id]
    }
  }

  /// The field that a column's name stands for by itself, if one. Case, spaces, `_`, `-` and `.` do not count.
  package static func meant(by name: String, in kind: ImportKind) -> ImportField? {
    let plain = plain(name)
    switch kind {
    case .events: return eventNames[plain]
    case .items: return itemNames[plain]
    case .users: return userNames[plain]
    }
  }

  /// Letters and digits only, in lower case.
  package static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// Names that say the value is a rating, so that the events are ratings unless told otherwise.
  package static let ratingNames: Set<String> = ["rating", "stars", "score"]

  private static let eventNames = table([
    .id: ["id", "eventid"],
    .user: ["user", "userid", "uid", "customer", "customerid", "visitor", "visitorid", "member", "memberid"],
    .item: [
      "item", "itemid", "product", "productid", "sku", "article", "articleid", "movie", "movieid",
      "stockcode",
      "track", "trackid",
    ],
    .time: ["time", "timestamp", "ts", "date", "datetime", "eventtime", "createdat", "invoicedate"],
    .type: ["type", "event", "eventtype", "action", "behavior", "behaviour"],
    .value: ["value", "qty", "quantity", "rating", "stars", "score"],
    .session: ["session", "sessionid"],
    .recommendation: ["recommendation", "recommendationid"],
    .query: ["query", "searchquery", "keywords"],
  ])

  private static let itemNames = table([
    .id: [
      "id", "item", "itemid", "product", "productid", "sku", "article", "articleid", "movie", "movieid",
      "stockcode", "track", "trackid",
    ],
    .title: ["title", "name", "itemname", "productname"],
    .text: ["text", "description", "summary", "body"],
    .categories: ["categories", "category", "genres", "genre"],
    .price: ["price", "unitprice"],
    .currency: ["currency"],
    .stock: ["stock", "inventory"],
    .hidden: ["hidden", "ishidden"],
    .created: ["created", "createdat", "published", "publishedat"],
    .availableFrom: ["availablefrom"],
    .availableUntil: ["availableuntil", "expires", "expiresat"],
    .owner: ["owner", "seller", "sellerid"],
    .latitude: ["latitude", "lat"],
    .longitude: ["longitude", "lon", "lng"],
    .members: ["members"],
  ])

  private static let userNames = table([
    .id: [
      "id", "user", "userid", "uid", "customer", "customerid", "visitor", "visitorid", "member", "memberid",
    ]
  ])

  private static func table(_ names: [ImportField: [String]]) -> [String: ImportField] {
    var table: [String: ImportField] = [:]
    for (field, names) in names {
      for name in names { table[name] = field }
    }
    return table
  }
}
