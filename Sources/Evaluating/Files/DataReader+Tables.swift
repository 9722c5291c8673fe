import Reading

extension DataReader {
  /// One row as both kinds of table give it.
  private struct Row {
    var user: ArraySlice<UInt8>
    var item: ArraySlice<UInt8>
    var rating: ArraySlice<UInt8>?
    var time: ArraySlice<UInt8>?
    var basket: ArraySlice<UInt8>?
  }

  /// Numbers each user's baskets in order of appearance.
  private struct BasketNumbers {
    private var numbers: [[UInt8]: UInt32] = [:]
    private var counts: [UInt32: UInt32] = [:]

    mutating func number(_ name: ArraySlice<UInt8>, of user: UInt32) -> UInt32 {
      let key = Array("\(user) ".utf8) + name
      if let number = numbers[key] { return number }
      let number = counts[user] ?? 0
      counts[user] = number + 1
      numbers[key] = number
      return number
    }
  }

  /// A table with a header; the delimiter is what the header has most of: tab, comma, semicolon.
  mutating func table(_ file: TextFile) throws(EvaluationFault) -> EventTable {
    guard let first = file.firstLines(1).first else { return EventTable() }
    let delimiter =
      [UInt8(ascii: ","), 9, UInt8(ascii: ";")].max { a, b in
        first.count { $0 == a } < first.count { $0 == b }
      } ?? UInt8(ascii: ",")
    var table = EventTable()
    var numbers = BasketNumbers()
    let source = try EvaluationFault.reading { () throws(FileFault) in
      let source = try ByteSource(path: file.path)
      try source.skipByteOrderMark()
      return source
    }
    var reader = CSVReader(source, delimiter: delimiter)
    var places: [EventColumns.Field: Int]?
    while let record = try EvaluationFault.reading({ () throws(FileFault) in try reader.next() }) {
      if let problem = record.problem {
        throw EvaluationFault(file: file.path, line: record.line, problem.message)
      }
      guard let columns = places else {
        let found = try eventColumns.places(of: record.cells.map(Self.trimmed), file: file.path)
        places = found
        describe(found, record.cells, file: file.path)
        continue
      }
      func cell(_ field: EventColumns.Field) -> ArraySlice<UInt8>? {
        guard let place = columns[field] else { return nil }
        return place < record.cells.count ? Fields.trimmed(Array(record.cells[place].utf8)[...]) : []
      }
      let row = Row(
        user: cell(.user) ?? [], item: cell(.item) ?? [], rating: cell(.rating), time: cell(.time),
        basket: cell(.basket))
      try add(row, to: &table, &numbers, file: file.path, line: record.line)
    }
    return table
  }

  private static func trimmed(_ name: String) -> String {
    String(decoding: Fields.trimmed(Array(name.utf8)[...]), as: UTF8.self)
  }

  private mutating func describe(_ places: [EventColumns.Field: Int], _ header: [String], file: String) {
    let words = EventColumns.Field.allCases.compactMap { field in
      places[field].map { "\(header[$0]) as \(field.rawValue)" }
    }
    note("\(file): read \(words.joined(separator: ", ")).")
  }

  /// One JSON object a line.
  mutating func objects(_ file: TextFile) throws(EvaluationFault) -> EventTable {
    var table = EventTable()
    var numbers = BasketNumbers()
    var names: [EventColumns.Field: String]?
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      let parsed = line.withUnsafeBufferPointer { JSONParser.object($0) }
      let fields: [JSONField]
      switch parsed {
      case .failure(let problem): throw EvaluationFault(file: file.path, line: number, problem.message)
      case .success(nil): return
      case .success(let found?): fields = found
      }
      let columns: [EventColumns.Field: String]
      if let names {
        columns = names
      } else {
        let header = fields.map(\.name)
        columns = try eventColumns.places(of: header, file: file.path).mapValues { header[$0] }
        names = columns
      }
      func value(_ field: EventColumns.Field) -> ArraySlice<UInt8>? {
        guard let name = columns[field] else { return nil }
        switch fields.first(where: { $0.name == name })?.value {
        case .text(let text): return Array(text.utf8)[...]
        case .number(let digits): return Array(digits.utf8)[...]
        default: return []
        }
      }
      let row = Row(
        user: value(.user) ?? [], item: value(.item) ?? [], rating: value(.rating), time: value(.time),
        basket: value(.basket))
      try add(row, to: &table, &numbers, file: file.path, line: number)
    }
    return table
  }

  private mutating func add(
    _ row: Row, to table: inout EventTable, _ numbers: inout BasketNumbers, file: String, line: Int
  ) throws(EvaluationFault) {
    if row.user.isEmpty { throw EvaluationFault(file: file, line: line, "the user is empty.") }
    if row.item.isEmpty { throw EvaluationFault(file: file, line: line, "the item is empty.") }
    var rating: Float?
    if let text = row.rating {
      guard let number = Fields.number(text) else {
        throw EvaluationFault(file: file, line: line, "the rating \"\(Self.text(text))\" is not a number.")
      }
      rating = Float(number)
    }
    var time: Int64?
    if let text = row.time { time = try EventTime.read(text, file: file, line: line) }
    let user = user(row.user)
    table.add(
      user: user, item: item(row.item), value: rating, time: time,
      basket: row.basket.map { numbers.number($0, of: user) })
  }
}
