/// How a data set is written.
package enum DataFormat: String, Sendable, Hashable, CaseIterable {
  /// `user item item …`, one user a line, items in no order.
  case adjacency
  /// `user item [rating [time]]`, one pair a line, separated by tab, comma, `::` or blanks.
  case pairs
  /// `user item item …`, one user a line, items oldest first.
  case sequences
  /// `item item …`, one session a line, clicks oldest first; with a target after a tab, `prefix TAB target`.
  case sessions
  /// JSON: user to list of baskets; or `train`, `validate`, `test` to such objects.
  case baskets
  /// A table with a header.
  case csv
  /// One JSON object a line.
  case jsonl

  /// Whether the order of a user's items means something even without times.
  package var isOrdered: Bool {
    switch self {
    case .sequences, .sessions, .baskets: true
    case .adjacency, .pairs, .csv, .jsonl: false
    }
  }

  /// What one line looks like, for messages.
  package var shape: String {
    switch self {
    case .adjacency, .sequences: "user item item …"
    case .pairs: "user item [rating [time]]"
    case .sessions: "item item … or, for tests, item item … TAB target"
    case .baskets: "{\"user\": [[item, …], …], …}"
    case .csv: "a header that names the columns user and item, then lines"
    case .jsonl: "{\"user\": …, \"item\": …}"
    }
  }

  /// What a file looks like it is, from its name and its first lines.
  ///
  /// `user item item …` says nothing of order; such files are taken for adjacency unless the split needs an order.
  /// - Parameter lines: the first lines that are not empty, without line ends.
  package static func guess(path: String, lines: [ArraySlice<UInt8>], needsOrder: Bool) -> DataFormat? {
    let name = path.lowercased()
    guard let first = lines.first else { return nil }
    let start = first.first { $0 != 32 && $0 != 9 }
    if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
      // An events file has objects of plain values; baskets have lists.
      let isOneObjectEach = lines.count > 1 && lines[1].first == UInt8(ascii: "{")
      let hasLists = first.prefix(4096).contains(UInt8(ascii: "["))
      return isOneObjectEach || !hasLists ? .jsonl : .baskets
    }
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") || name.hasSuffix(".inter") {
      return EventColumns.looksLikeHeader(first) ? .csv : .pairs
    }
    if EventColumns.looksLikeHeader(first) {
      // Columns parted by blanks are no table, but may have a line of names.
      return first.contains { $0 == 9 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") } ? .csv : .pairs
    }
    let fields = lines.map { Fields.split($0) }
    let tabs = lines.map { line in line.count { $0 == 9 } }
    // A prefix of any length, a tab, one target.
    if zip(lines, tabs).allSatisfy({ $1 == 1 && $0.contains(32) || $1 == 1 && Fields.split($0).count == 2 }),
      lines.contains(where: { $0.contains(32) && !Fields.isSpaced($0) })
    {
      return .sessions
    }
    if fields.allSatisfy({ $0.count == fields[0].count }), (2...4).contains(fields[0].count) {
      let users = Set(fields.map { Array($0[0]) })
      // A file of lists has each user once.
      if users.count < fields.count || tabs.allSatisfy({ $0 > 0 }) || first.contains(UInt8(ascii: ",")) {
        return .pairs
      }
    }
    if name.contains("session") { return .sessions }
    return needsOrder || name.contains("sequence") ? .sequences : .adjacency
  }
}
