import enum Vocabulary.Limits

/// One line of a JSONL file.
package struct JSONLine: Sendable, Hashable {
  /// From 1.
  package var line: Int
  /// Names and values, in the order written.
  package var fields: [JSONField]
  /// Why it could not be read.
  package var problem: Problem?

  package init(line: Int, fields: [JSONField], problem: Problem? = nil) {
    self.line = line
    self.fields = fields
    self.problem = problem
  }
}

/// Cuts a file into lines of one JSON object each.
package struct LineReader {
  private let source: ByteSource
  private let lineBytesMax: Int
  private var line = 1

  /// - Parameter lineBytesMax: a longer line is a problem; smaller only in tests.
  package init(_ source: ByteSource, lineBytesMax: Int = Limits.importRecordBytesMax) {
    self.source = source
    self.lineBytesMax = lineBytesMax
  }

  /// The next line that is not empty, or nil at the end of the file. O(bytes).
  package mutating func next() throws(FileFault) -> JSONLine? {
    while true {
      var from = 0
      var end: Int?
      while true {
        end = source.withAvailable { bytes in bytes[from...].firstIndex(of: 10) }
        if end != nil { break }
        from = source.availableBytes
        if from > lineBytesMax { break }
        if try !source.fill() { break }
      }
      let number = line
      line += 1
      let bytes = end ?? source.availableBytes
      if bytes > lineBytesMax {
        if let end { source.consume(end + 1) } else { try source.skipLine() }
        return JSONLine(
          line: number, fields: [],
          problem: Problem(
            "record_too_long", "The line is longer than \(lineBytesMax) bytes; is this a JSONL file?"))
      }
      if bytes == 0, end == nil { return nil }
      let parsed = source.withAvailable { available in
        JSONParser.object(UnsafeBufferPointer(rebasing: available[..<bytes]))
      }
      source.consume(end.map { $0 + 1 } ?? bytes)
      switch parsed {
      case .success(nil): continue
      case .success(let fields?): return JSONLine(line: number, fields: fields)
      case .failure(let problem): return JSONLine(line: number, fields: [], problem: problem)
      }
    }
  }
}
