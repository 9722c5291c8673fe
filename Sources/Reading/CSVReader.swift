import enum Vocabulary.Limits

/// One record of a CSV file.
package struct CSVRecord: Sendable, Hashable {
  /// Line on which it begins, from 1.
  package var line: Int
  /// Its cells, unquoted; empty if there is a problem.
  package var cells: [String]
  /// Why it could not be read.
  package var problem: Problem?

  package init(line: Int, cells: [String], problem: Problem? = nil) {
    self.line = line
    self.cells = cells
    self.problem = problem
  }
}

/// Cuts a file into records and cells as RFC 4180 says, reading ahead no more than one record.
///
/// Lenient where no meaning is lost: lines may end in LF, a quote inside an unquoted cell is itself, empty lines are
/// nothing. A record that goes wrong is reported and skipped up to the end of its first line, so that one
/// forgotten quote does not swallow the file.
package struct CSVReader {
  private let source: ByteSource
  private let delimiter: UInt8
  private let recordBytesMax: Int
  private var line = 1

  /// - Parameters:
  ///   - delimiter: between cells; ASCII, neither a quote nor a line end.
  ///   - recordBytesMax: a longer record is a problem; smaller only in tests.
  package init(_ source: ByteSource, delimiter: UInt8 = 44, recordBytesMax: Int = Limits.importRecordBytesMax)
  {
    self.source = source
    self.delimiter = delimiter
    self.recordBytesMax = recordBytesMax
  }

  private enum Spot { case start, plain, quoted, closed }

  /// What the scan for the end of a record has found so far.
  private struct Scan {
    var spot = Spot.start
    var at = 0
    var newlines = 0
    var firstLineEnd: Int?
    var isMalformed = false
    var hasQuotes = false
    var isWhole = false
  }

  /// The next record, or nil at the end of the file. O(bytes).
  package mutating func next() throws(FileFault) -> CSVRecord? {
    while true {
      var scan = Scan()
      while true {
        advance(&scan)
        if scan.isWhole { break }
        if scan.at > recordBytesMax { return try tooLong(scan) }
        if try !source.fill() { break }
      }
      if !scan.isWhole {
        if source.availableBytes == 0 { return nil }
        if scan.spot == .quoted { return try skipFirstLine(scan, unclosed) }
      }
      let record = take(scan)
      if record.problem == nil, record.cells.isEmpty { continue }
      return record
    }
  }

  private var unclosed: Problem {
    Problem(
      "quote_not_closed",
      "A quote opens on this line and is never closed; double a quote that belongs to the text.")
  }

  /// Looks on from where it stopped for the line end that ends the record.
  private func advance(_ scan: inout Scan) {
    source.withAvailable { bytes in
      var at = scan.at
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if byte == 10 {
          if scan.firstLineEnd == nil { scan.firstLineEnd = at }
          scan.newlines += 1
          if scan.spot != .quoted {
            scan.isWhole = true
            break
          }
          continue
        }
        switch scan.spot {
        case .start:
          if byte == 34 {
            scan.spot = .quoted
            scan.hasQuotes = true
          } else if byte != delimiter {
            scan.spot = .plain
          }
        case .plain: if byte == delimiter { scan.spot = .start }
        case .quoted: if byte == 34 { scan.spot = .closed }
        case .closed:
          if byte == 34 {
            scan.spot = .quoted
          } else if byte == delimiter {
            scan.spot = .start
          } else if byte != 13 {
            scan.isMalformed = true
            scan.spot = .plain
          }
        }
        if at > recordBytesMax { break }
      }
      scan.at = at
    }
  }

  /// Consumes the record that `scan` has found.
  private mutating func take(_ scan: Scan) -> CSVRecord {
    var record = CSVRecord(line: line, cells: [])
    if scan.isMalformed {
      record.problem = Problem(
        "quote_misplaced", "Text follows a closing quote; double a quote that belongs to the text.")
    } else {
      let cells = source.withAvailable { bytes in
        split(UnsafeBufferPointer(rebasing: bytes[..<scan.at]), hasQuotes: scan.hasQuotes)
      }
      if let cells {
        record.cells = cells
      } else {
        record.problem = Problem(
          "text_invalid",
          "The line is not UTF-8; convert the file, for instance with iconv -f latin1 -t utf-8.")
      }
    }
    source.consume(scan.at)
    line += scan.newlines
    return record
  }

  /// Cells of a whole record; nil if one is not UTF-8; none for an empty line.
  private func split(_ record: UnsafeBufferPointer<UInt8>, hasQuotes: Bool) -> [String]? {
    var end = record.count
    if end > 0, record[end - 1] == 10 { end -= 1 }
    if end > 0, record[end - 1] == 13 { end -= 1 }
    if end == 0 { return [] }
    var cells: [String] = []
    var start = 0
    while true {
      var stop = start
      if hasQuotes, start < end, record[start] == 34 {
        var text: [UInt8] = []
        stop = start + 1
        while stop < end {
          if record[stop] == 34 {
            guard stop + 1 < end, record[stop + 1] == 34 else { break }
            stop += 1
          }
          text.append(record[stop])
          stop += 1
        }
        guard let cell = String(validating: text, as: UTF8.self) else { return nil }
        cells.append(cell)
        // Behind the closing quote stands a delimiter or the end, or the record would be malformed.
        while stop < end, record[stop] != delimiter { stop += 1 }
      } else {
        while stop < end, record[stop] != delimiter { stop += 1 }
        guard let cell = String(validating: record[start..<stop], as: UTF8.self) else { return nil }
        cells.append(cell)
      }
      if stop >= end { return cells }
      start = stop + 1
    }
  }

  private mutating func tooLong(_ scan: Scan) throws(FileFault) -> CSVRecord {
    let problem =
      scan.hasQuotes && scan.firstLineEnd != nil
      ? unclosed
      : Problem("record_too_long", "The record is longer than \(recordBytesMax) bytes; is this a CSV file?")
    return try skipFirstLine(scan, problem)
  }

  private mutating func skipFirstLine(_ scan: Scan, _ problem: Problem) throws(FileFault) -> CSVRecord {
    let record = CSVRecord(line: line, cells: [], problem: problem)
    if let end = scan.firstLineEnd {
      source.consume(end)
    } else {
      try source.skipLine()
    }
    line += 1
    return record
  }
}

extension ByteSource {
  /// Drops everything up to and including the next line end, holding no more than one piece.
  func skipLine() throws(FileFault) {
    while true {
      if let end = withAvailable({ $0.firstIndex(of: 10) }) {
        consume(end + 1)
        return
      }
      consume(availableBytes)
      if try !fill() { return }
    }
  }
}
