/// Which columns of a table, or names of an object, hold what.
package struct EventColumns: Sendable, Hashable {
  /// A thing a column can hold.
  package enum Field: String, Sendable, Hashable, CaseIterable {
    case user, item, rating, time, basket

    /// Names under which data sets in use have it, plain.
    fileprivate var names: [String] {
      switch self {
      case .user: ["user", "userid", "uid", "customer", "customerid", "visitorid", "member", "memberid"]
      case .item:
        [
          "item", "itemid", "iid", "movie", "movieid", "product", "productid", "sku", "book", "bookid",
          "track",
          "trackid", "artist", "artistid", "asin", "parentasin", "isbn", "stockcode", "business",
          "businessid",
        ]
      case .rating: ["rating", "stars", "score", "ratings", "value", "overall", "bookrating"]
      case .time:
        ["time", "timestamp", "date", "datetime", "unixreviewtime", "invoicedate", "createdat", "ts"]
      case .basket:
        ["basket", "basketid", "session", "sessionid", "order", "orderid", "invoice", "invoiceno"]
      }
    }
  }

  /// Names given by the caller, as the file has them.
  package var given: [Field: String]

  package init(_ given: [Field: String] = [:]) { self.given = given }

  /// The place of each field found in a header.
  /// - Throws: `usage` if user or item is not there.
  func places(of header: [String], file: String) throws(EvaluationFault) -> [Field: Int] {
    var places: [Field: Int] = [:]
    for field in Field.allCases {
      if let name = given[field] {
        guard let place = header.firstIndex(of: name) else {
          throw EvaluationFault(
            .usage, "\(file) has no column \"\(name)\"; it has \(header.joined(separator: ", ")).")
        }
        places[field] = place
      } else {
        let plain = header.map(Self.plain)
        places[field] = field.names.lazy.compactMap { plain.firstIndex(of: $0) }.first
      }
    }
    for field in [Field.user, .item] where places[field] == nil {
      throw EvaluationFault(
        .usage,
        "\(file): which column is the \(field.rawValue)? It has \(header.prefix(40).joined(separator: ", ")); say --column \(field.rawValue)=NAME."
      )
    }
    return places
  }

  /// `user_id:token` and `userId` are `userid`.
  private static func plain(_ name: String) -> String {
    let base = name.split(separator: ":").first.map(String.init) ?? name
    return base.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// Whether a line names a user and an item column.
  static func looksLikeHeader(_ line: ArraySlice<UInt8>) -> Bool {
    // Names parted by blanks only are those of a file of pairs; a column name of a table may hold blanks.
    let names = Fields.split(line)
      .map { plain(String(decoding: $0.filter { $0 != 34 }, as: UTF8.self)) }
    return Field.user.names.contains { names.contains($0) }
      && Field.item.names.contains { names.contains($0) }
  }
}
