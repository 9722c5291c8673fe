extension DataReader {
  /// JSON of users with their baskets; a basket of nothing but -1 is a mark and no basket. A file with the objects
  /// `train`, `validate` (or `valid`) and `test` is split already: the last basket of each user of the latter two is
  /// what is asked, everything before is history.
  mutating func baskets(_ file: TextFile) throws(EvaluationFault) -> Content {
    var scanner = BasketScanner(file)
    var whole = EventTable()
    var parts: [String: EventTable] = [:]
    try scanner.expect("{", "a JSON object of users")
    if scanner.take("}") { return .events(whole) }
    repeat {
      let name = try scanner.name()
      try scanner.expect(":", "a colon behind \"\(Self.text(name[...]))\"")
      if scanner.peek == UInt8(ascii: "{") {
        parts[String(decoding: name, as: UTF8.self)] = try users(&scanner)
      } else {
        try user(name, &scanner, into: &whole)
      }
    } while scanner.take(",")
    try scanner.expect("}", "a comma or the closing brace")
    if parts.isEmpty { return .events(whole) }
    guard let train = parts["train"], let test = parts["test"], whole.count == 0 else {
      throw EvaluationFault(
        .badData,
        "\(file.path) has the objects \(parts.keys.sorted().joined(separator: ", ")); a file of parts has train and test, and validate if it likes."
      )
    }
    return .parts(train: train, valid: parts["validate"] ?? parts["valid"] ?? EventTable(), test: test)
  }

  private mutating func users(_ scanner: inout BasketScanner) throws(EvaluationFault) -> EventTable {
    var table = EventTable()
    try scanner.expect("{", "an object of users")
    if scanner.take("}") { return table }
    repeat {
      let name = try scanner.name()
      try scanner.expect(":", "a colon behind \"\(Self.text(name[...]))\"")
      try user(name, &scanner, into: &table)
    } while scanner.take(",")
    try scanner.expect("}", "a comma or the closing brace")
    return table
  }

  private mutating func user(
    _ name: [UInt8], _ scanner: inout BasketScanner, into table: inout EventTable
  ) throws(EvaluationFault) {
    let user = user(name)
    var number: UInt32 = 0
    try scanner.expect("[", "a list of baskets")
    if scanner.take("]") { return }
    repeat {
      try scanner.expect("[", "a basket, a list of items")
      var basket: [[UInt8]] = []
      if !scanner.take("]") {
        repeat { basket.append(try scanner.scalar()) } while scanner.take(",")
        try scanner.expect("]", "a comma or the end of the basket")
      }
      if basket.isEmpty || basket == [Array("-1".utf8)] { continue }
      for name in basket { table.add(user: user, item: item(name), basket: number) }
      number += 1
    } while scanner.take(",")
    try scanner.expect("]", "a comma or the end of the baskets")
  }
}

/// Walks over JSON without building it: a file of baskets has millions of values.
private struct BasketScanner {
  private let file: TextFile
  private var at = 0
  private var line = 1

  init(_ file: TextFile) { self.file = file }

  private mutating func skipSpace() {
    while at < file.bytes.count {
      switch file.bytes[at] {
      case 10: line += 1
      case 32, 9, 13: break
      default: return
      }
      at += 1
    }
  }

  var peek: UInt8? {
    mutating get {
      skipSpace()
      return at < file.bytes.count ? file.bytes[at] : nil
    }
  }

  mutating func take(_ character: Character) -> Bool {
    guard peek == character.asciiValue else { return false }
    at += 1
    return true
  }

  mutating func expect(_ character: Character, _ what: String) throws(EvaluationFault) {
    if !take(character) {
      throw EvaluationFault(file: file.path, line: line, "byte \(at + 1) of the file is not \(what).")
    }
  }

  mutating func name() throws(EvaluationFault) -> [UInt8] {
    guard peek == UInt8(ascii: "\"") else {
      throw EvaluationFault(
        file: file.path, line: line, "byte \(at + 1) of the file is not a name in quotes.")
    }
    return try scalar()
  }

  /// A text without its quotes, or a number as written. Escapes stay as they are: names only need to be told apart.
  mutating func scalar() throws(EvaluationFault) -> [UInt8] {
    guard let first = peek else {
      throw EvaluationFault(file: file.path, line: line, "the file ends within a list.")
    }
    let start: Int
    if first == UInt8(ascii: "\"") {
      at += 1
      start = at
      while at < file.bytes.count, file.bytes[at] != UInt8(ascii: "\"") {
        at += file.bytes[at] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard at < file.bytes.count else {
        throw EvaluationFault(file: file.path, line: line, "the file ends within a text.")
      }
      at += 1
      return Array(file.bytes[start..<(at - 1)])
    }
    start = at
    while at < file.bytes.count, !",]}: \t\r\n[{\"".utf8.contains(file.bytes[at]) { at += 1 }
    let word = file.bytes[start..<at]
    guard Fields.number(word) != nil else {
      throw EvaluationFault(
        file: file.path, line: line, "byte \(start + 1) of the file is neither a number nor a text in quotes."
      )
    }
    return Array(word)
  }
}
