import Reading

/// A log of choices made by chance, from a CSV file: what was chosen, with which probability, and what came of it.
package struct ChoiceTable: Sendable {
  /// Which columns hold what. Nil takes the first of the usual names that the header has.
  package struct Columns: Sendable {
    package var action: String?
    package var reward: String?
    package var propensity: String?
    /// The probability of the logged action under the policy in question, if the log itself has it.
    package var target: String?
    /// Columns whose values together say under which circumstances a choice was made.
    package var groups: [String] = []

    package init() {}
  }

  static let usual = (
    action: ["action", "item", "item_id"], reward: ["reward", "click", "clicked"],
    propensity: ["propensity", "propensity_score", "pscore"]
  )

  package let path: String
  package internal(set) var actionNames: [String] = []
  package internal(set) var groupNames: [String] = []
  var actionNumbers: [String: Int] = [:]
  var groupNumbers: [String: Int] = [:]
  package private(set) var actions: [Int] = []
  package private(set) var groups: [Int] = []
  package private(set) var rewards: [Double] = []
  package private(set) var propensities: [Double] = []
  /// Empty without such a column.
  package private(set) var targets: [Double] = []

  package var count: Int { actions.count }

  /// Between the values of several group columns: no field holds it.
  static let separator = "\u{1F}"

  /// Reads a file.
  /// - Parameter needsOutcomes: whether reward and propensity must be there.
  /// - Throws: `file`; `bad_data` with file and line; `usage` for a column that is not there.
  package init(path: String, columns: Columns, needsOutcomes: Bool = true) throws(EvaluationFault) {
    self.path = path
    let table = try TextTable(path: path)
    let action = try table.place(columns.action, Self.usual.action, "action")
    let reward = needsOutcomes ? try table.place(columns.reward, Self.usual.reward, "reward") : nil
    let propensity =
      needsOutcomes ? try table.place(columns.propensity, Self.usual.propensity, "propensity") : nil
    var target: Int?
    if let name = columns.target { target = try table.place(name, [], "target") }
    var groupPlaces: [Int] = []
    for name in columns.groups { groupPlaces.append(try table.place(name, [], "by")) }
    try table.forEachRow { (line, cells) throws(EvaluationFault) in
      let name = cells[action]
      if name.isEmpty { throw EvaluationFault(file: path, line: line, "the action is empty.") }
      actions.append(Self.number(of: name, in: &actionNumbers, &actionNames))
      let group = groupPlaces.map { cells[$0] }.joined(separator: Self.separator)
      groups.append(Self.number(of: group, in: &groupNumbers, &groupNames))
      if let reward { rewards.append(try Self.value(cells[reward], "reward", path, line)) }
      if let propensity {
        let value = try Self.value(cells[propensity], "propensity", path, line)
        guard value > 0, value <= 1 else {
          throw EvaluationFault(
            file: path, line: line, "the propensity \(value) is not above 0 and at most 1.")
        }
        propensities.append(value)
      }
      if let target {
        let value = try Self.value(cells[target], "target probability", path, line)
        guard value >= 0, value <= 1 else {
          throw EvaluationFault(file: path, line: line, "the target probability \(value) is not 0 to 1.")
        }
        targets.append(value)
      }
    }
    if actions.isEmpty { throw EvaluationFault(.badData, "\(path) holds no choices.") }
  }

  static func number(of name: String, in numbers: inout [String: Int], _ names: inout [String]) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }

  static func value(_ text: String, _ what: String, _ path: String, _ line: Int) throws(EvaluationFault)
    -> Double
  {
    guard let value = Double(text), value.isFinite else {
      throw EvaluationFault(file: path, line: line, "the \(what) \"\(text)\" is not a number.")
    }
    return value
  }
}

/// Rows of a CSV file by the names in its first line.
struct TextTable {
  let path: String
  private let header: [String]
  private let rows: [(line: Int, cells: [String])]

  /// - Throws: `file`; `bad_data` for a row that is no CSV, or shorter or longer than the header.
  init(path: String) throws(EvaluationFault) {
    self.path = path
    let source = try EvaluationFault.reading { () throws(FileFault) in
      let source = try ByteSource(path: path)
      try source.skipByteOrderMark()
      return source
    }
    var reader = CSVReader(source, delimiter: UInt8(ascii: ","))
    var header: [String]?
    var rows: [(line: Int, cells: [String])] = []
    while let record = try EvaluationFault.reading({ () throws(FileFault) in try reader.next() }) {
      if let problem = record.problem {
        throw EvaluationFault(file: path, line: record.line, problem.message)
      }
      guard let names = header else {
        header = record.cells
        continue
      }
      guard record.cells.count == names.count else {
        throw EvaluationFault(
          file: path, line: record.line, "has \(record.cells.count) fields; the header has \(names.count).")
      }
      rows.append((record.line, record.cells))
    }
    guard let header else { throw EvaluationFault(.badData, "\(path) is empty.") }
    self.header = header
    self.rows = rows
  }

  /// Where a column stands.
  /// - Throws: `usage` if there is none of the name, or of the usual names.
  func place(_ name: String?, _ usual: [String], _ option: String) throws(EvaluationFault) -> Int {
    for name in name.map({ [$0] }) ?? usual {
      if let place = header.firstIndex(of: name) { return place }
    }
    let known = header.prefix(12).filter { !$0.isEmpty }.joined(separator: ", ")
    throw EvaluationFault(
      .usage,
      """
      \(path) has no column \(name ?? usual.joined(separator: " or ")); name it with --\(option). Its columns are \(known)\
      \(header.count > 12 ? ", …" : "").
      """)
  }

  func forEachRow(_ body: (Int, [String]) throws(EvaluationFault) -> Void) throws(EvaluationFault) {
    for row in rows { try body(row.line, row.cells) }
  }
}
