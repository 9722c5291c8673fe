import Training

/// What is known of bundles besides who took them: their members, and who took these. Members have numbers of their own;
/// bundles are the items of the data set.
package struct BundleData: Sendable {
  /// Bundles by members, 1 each; a row for every item of the data set.
  package let members: PairMatrix
  /// Users by members, 1 each; a row for every user of the data set.
  package let owned: PairMatrix
  /// Lines that named a bundle or a user that the data set does not have.
  package let strangers: Int

  package var memberCount: Int { members.columnCount }

  /// Reads the files the options name; nil if they name none.
  /// - Throws: `file`, `bad_data`, or `usage` for events of members without members.
  static func read(_ options: EvaluationOptions, _ reader: DataReader) throws(EvaluationFault) -> BundleData?
  {
    guard let path = options.members else {
      if options.memberEvents == nil { return nil }
      throw EvaluationFault(.usage, "--member-events needs --members FILE: which bundle holds which.")
    }
    var names = NameTable()
    var strangers = 0
    let held = try pairs(path, rows: reader.items, &names, &strangers)
    var taken: [[UInt32]] = []
    if let events = options.memberEvents { taken = try pairs(events, rows: reader.users, &names, &strangers) }
    return BundleData(
      members: matrix(held, rows: reader.items.count, columns: names.count),
      owned: matrix(taken, rows: reader.users.count, columns: names.count), strangers: strangers)
  }

  private init(members: PairMatrix, owned: PairMatrix, strangers: Int) {
    self.members = members
    self.owned = owned
    self.strangers = strangers
  }

  /// By row the members, ascending, each once.
  private static func pairs(
    _ path: String, rows: NameTable, _ names: inout NameTable, _ strangers: inout Int
  ) throws(EvaluationFault) -> [[UInt32]] {
    var lists = [[UInt32]](repeating: [], count: rows.count)
    let file = try TextFile(path: path)
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      let fields = Fields.split(line)
      guard fields.count >= 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw EvaluationFault(
          file: path, line: number, "a pair needs two names; write them parted by a tab or blanks.")
      }
      let member = names.number(of: fields[1])
      if let row = rows.existing(fields[0]) { lists[Int(row)].append(member) } else { strangers += 1 }
    }
    return lists.map { Set($0).sorted() }
  }

  private static func matrix(_ lists: [[UInt32]], rows: Int, columns: Int) -> PairMatrix {
    var (start, values) = ([0], [UInt32]())
    for row in 0..<rows {
      if row < lists.count { values += lists[row] }
      start.append(values.count)
    }
    return PairMatrix(
      rowStart: start, columns: values, confidences: [Float](repeating: 1, count: values.count),
      columnCount: columns)
  }
}
