/// Reads the files of one data set: users and items get numbers that all its files share.
///
/// Not sendable: one reader at a time.
package struct DataReader {
  /// What a file holds.
  package enum Content: Sendable {
    case events(EventTable)
    /// Open sessions with the item that came next.
    case questions([OpenSession])
    /// A file that is split already.
    case parts(train: EventTable, valid: EventTable, test: EventTable)
  }

  package private(set) var users = NameTable()
  package private(set) var items = NameTable()
  /// Format of the first file read; the others have to follow it.
  package private(set) var format: DataFormat?
  /// What was guessed or left out, in sentences for people.
  package private(set) var notes: [String] = []
  private let columns: EventColumns
  private let minimumValue: Double?
  private let needsOrder: Bool
  private var belowMinimum = 0

  /// - Parameters:
  ///   - format: nil finds out from the first file.
  ///   - columns: which columns of a table hold what.
  ///   - minimumValue: rows with a lower rating are left out.
  ///   - needsOrder: takes `user item item …` for sequences, not for adjacency.
  package init(
    format: DataFormat? = nil, columns: EventColumns = EventColumns(), minimumValue: Double? = nil,
    needsOrder: Bool = false
  ) {
    self.format = format
    self.columns = columns
    self.minimumValue = minimumValue
    self.needsOrder = needsOrder
  }

  /// Reads a file. O(bytes); the file and its columns are in memory.
  /// - Throws: `file` or `bad_data`.
  package mutating func read(_ path: String) throws(EvaluationFault) -> Content {
    let file = try TextFile(path: path)
    let format: DataFormat
    if let known = self.format { format = known } else { format = try guess(file) }
    self.format = format
    var content: Content
    switch format {
    case .adjacency, .sequences: content = .events(try lists(file))
    case .pairs: content = .events(try pairs(file))
    case .sessions: content = try sessions(file)
    case .baskets: content = try baskets(file)
    case .csv: content = .events(try table(file))
    case .jsonl: content = .events(try objects(file))
    }
    if format != .csv, format != .baskets {
      let comments = file.commentCount
      if comments > 0 { notes.append("\(path): \(comments) lines that begin with # are comments, left out.") }
    }
    if let minimumValue, case .events(let events) = content {
      guard events.hasValues else {
        throw EvaluationFault(.usage, "\(path) has no ratings; leave --min-rating out.")
      }
      let kept = (0..<events.count).filter { Double(events.values[$0]) >= minimumValue }
      belowMinimum = events.count - kept.count
      notes.append(
        "\(path): \(belowMinimum) of \(events.count) rows are rated below \(minimumValue) and left out.")
      content = .events(events.rows(kept))
    }
    return content
  }

  private mutating func guess(_ file: TextFile) throws(EvaluationFault) -> DataFormat {
    let guessed = DataFormat.guess(path: file.path, lines: file.firstLines(200), needsOrder: needsOrder)
    guard let guessed else {
      throw EvaluationFault(.badData, "\(file.path) is empty; give a file with data.")
    }
    notes.append("\(file.path) looks like \(guessed.rawValue) (\(guessed.shape)); --format says otherwise.")
    return guessed
  }

  private mutating func lists(_ file: TextFile) throws(EvaluationFault) -> EventTable {
    var table = EventTable()
    try file.forEachLine { (_, line) throws(EvaluationFault) in
      let words = Fields.words(line)
      // A user alone is a user without items, as some published files have.
      guard let name = words.first else { return }
      let user = users.number(of: name)
      for word in words.dropFirst() { table.add(user: user, item: items.number(of: word)) }
    }
    return table
  }

  private mutating func pairs(_ file: TextFile) throws(EvaluationFault) -> EventTable {
    var table = EventTable()
    var width: Int?
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      let fields = Fields.split(line)
      if width == nil, EventColumns.looksLikeHeader(line) {
        note("\(file.path), line \(number): column names, left out.")
        width = fields.count
        return
      }
      let expected = width ?? fields.count
      width = expected
      guard fields.count >= 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw EvaluationFault(
          file: file.path, line: number,
          "a pair needs user and item; write user TAB item [TAB rating [TAB time]], or say the right --format."
        )
      }
      guard fields.count == expected else {
        throw EvaluationFault(
          file: file.path, line: number,
          "\(fields.count) fields, where the first line has \(expected); pairs have the same fields on every line."
        )
      }
      var (value, time): (Float?, Int64?)
      if expected >= 3 {
        guard let number = Fields.number(fields[2]) else {
          throw EvaluationFault(
            file: file.path, line: number, "the rating \"\(Self.text(fields[2]))\" is not a number.")
        }
        value = Float(number)
      }
      if expected >= 4 { time = try EventTime.read(fields[3], file: file.path, line: number) }
      table.add(
        user: users.number(of: fields[0]), item: items.number(of: fields[1]), value: value, time: time)
    }
    return table
  }

  static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field.prefix(80), as: UTF8.self) }

  private mutating func sessions(_ file: TextFile) throws(EvaluationFault) -> Content {
    var (table, questions) = (EventTable(), [OpenSession]())
    var hasTargets: Bool?
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      let parts = line.split(separator: 9, omittingEmptySubsequences: false).map { Fields.trimmed($0) }
      // Items may be parted by tabs as well; a target stands behind the only tab of the line.
      let isQuestion = parts.count == 2
      if let hasTargets, hasTargets != isQuestion {
        throw EvaluationFault(
          file: file.path, line: number,
          hasTargets
            ? "no target; every line of this file is prefix TAB target."
            : "a tab, where the lines before are sessions of items parted by blanks.")
      }
      hasTargets = isQuestion
      if isQuestion {
        let target = Fields.words(parts[1])
        guard target.count == 1 else {
          throw EvaluationFault(
            file: file.path, line: number, "\(target.count) targets behind the tab; there must be one.")
        }
        questions.append(
          OpenSession(
            prefix: Fields.words(parts[0]).map { items.number(of: $0) }, target: items.number(of: target[0])))
      } else {
        let user = users.number(of: Array("\(file.path):\(number)".utf8))
        for word in Fields.words(line) { table.add(user: user, item: items.number(of: word)) }
      }
    }
    return questions.isEmpty ? .events(table) : .questions(questions)
  }

  /// For the other files of this folder that read into the tables.
  mutating func user(_ name: some RandomAccessCollection<UInt8>) -> UInt32 { users.number(of: name) }
  mutating func item(_ name: some RandomAccessCollection<UInt8>) -> UInt32 { items.number(of: name) }
  var eventColumns: EventColumns { columns }
  mutating func note(_ text: String) { notes.append(text) }
}

/// The clicks of a session so far, oldest first, and the one that came next.
package struct OpenSession: Sendable, Hashable {
  package let prefix: [UInt32]
  package let target: UInt32

  package init(prefix: [UInt32], target: UInt32) {
    self.prefix = prefix
    self.target = target
  }
}
