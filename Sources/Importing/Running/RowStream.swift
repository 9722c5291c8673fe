import Reading

/// The rows of a file, whatever its format.
struct RowStream {
  private enum Reader {
    case csv(CSVReader, targets: [ColumnMap.Target])
    case jsonl(LineReader, map: ColumnMap)
  }

  private let source: ByteSource
  private var reader: Reader
  /// What the columns were taken for, in words.
  let notes: [String]
  /// Whether a column says by its name that it holds ratings.
  let hasRatings: Bool
  /// Whether rows have a type of their own.
  let hasTypes: Bool

  /// Opens the file and, for CSV, reads the header.
  init(_ plan: ImportPlan) throws(ImportFault) {
    source = try ImportFault.reading { () throws(FileFault) in try ByteSource(path: plan.path) }
    let map = try ColumnMap(kind: plan.kind, overrides: plan.columns)
    try ImportFault.reading { [source] () throws(FileFault) in try source.skipByteOrderMark() }
    switch plan.format {
    case .jsonl:
      reader = .jsonl(LineReader(source), map: map)
      notes = []
      hasRatings = false
      hasTypes = false
    case .csv(let given):
      let delimiter = if let given { given } else { try Self.delimiter(source) }
      var csv = CSVReader(source, delimiter: delimiter)
      guard let header = try ImportFault.reading({ () throws(FileFault) in try csv.next() }) else {
        throw ImportFault(.usage, "\(plan.path) is empty; the first line must name the columns.")
      }
      if let problem = header.problem { throw ImportFault(.usage, "Line 1, the header: \(problem.message)") }
      let targets = try map.targets(of: header.cells, hasFixedTime: plan.fixedTime != nil)
      reader = .csv(csv, targets: targets)
      notes = Self.describe(header.cells.map(\.trimmedSpaces), targets)
      hasTypes = targets.contains { $0.field == .type }
      hasRatings = zip(header.cells, targets).contains { name, target in
        target.field == .value && ImportField.ratingNames.contains(ImportField.plain(name))
      }
    }
  }

  /// End of the last row, and checksum of everything before it.
  var mark: AcknowledgedPrefix.Mark {
    AcknowledgedPrefix.Mark(offset: source.offset, checksum: source.checksum)
  }
  /// Size of the file; nil for a pipe.
  var sizeBytes: UInt64? { source.sizeBytes }

  /// The next row, or why it is none; nil at the end.
  mutating func next() throws(ImportFault) -> Result<Row, BadLine>? {
    switch reader {
    case .csv(var csv, let targets):
      defer { reader = .csv(csv, targets: targets) }
      guard let record = try ImportFault.reading({ () throws(FileFault) in try csv.next() }) else {
        return nil
      }
      return Self.row(record.line) { () throws(Problem) in try Row(record, targets: targets) }
    case .jsonl(var lines, let map):
      defer { reader = .jsonl(lines, map: map) }
      guard let line = try ImportFault.reading({ () throws(FileFault) in try lines.next() }) else {
        return nil
      }
      return Self.row(line.line) { () throws(Problem) in try Row(line, map: map) }
    }
  }

  private static func row(_ line: Int, _ make: () throws(Problem) -> Row) -> Result<Row, BadLine> {
    do throws(Problem) {
      return .success(try make())
    } catch {
      return .failure(BadLine(line: line, reason: error.reason, message: error.message))
    }
  }

  /// The delimiter that the first line has most of.
  private static func delimiter(_ source: ByteSource) throws(ImportFault) -> UInt8 {
    while source.withAvailable({ $0.firstIndex(of: 10) == nil }), source.availableBytes < 1 << 20,
      try ImportFault.reading({ () throws(FileFault) in try source.fill() })
    {}
    return source.withAvailable { bytes in
      let line = bytes.prefix { $0 != 10 }
      let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
      let counts = candidates.map { candidate in line.count { $0 == candidate } }
      // The first of equals: a comma, unless something else is more frequent.
      var best = 0
      for index in candidates.indices where counts[index] > counts[best] { best = index }
      return candidates[best]
    }
  }

  private static func describe(_ names: [String], _ targets: [ColumnMap.Target]) -> [String] {
    var known: [String] = []
    var attributes: [String] = []
    var ignored: [String] = []
    for (name, target) in zip(names, targets) {
      switch target.field {
      case .ignore: ignored.append(name)
      case .attribute: attributes.append(target.attribute)
      default: known.append(name == target.field.rawValue ? name : "\(name) as \(target.field.rawValue)")
      }
    }
    var notes = ["Columns: \(known.joined(separator: ", "))."]
    if !attributes.isEmpty { notes.append("Kept as attributes: \(attributes.joined(separator: ", ")).") }
    if !ignored.isEmpty { notes.append("Ignored: \(ignored.joined(separator: ", ")).") }
    return notes
  }
}
