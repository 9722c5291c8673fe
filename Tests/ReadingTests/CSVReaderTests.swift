import Fakes
import Reading
import Testing

@Suite struct CSVReaderTests {
  private func read(
    _ bytes: [UInt8], delimiter: UInt8 = 44, piece: Int = 256 * 1024, recordBytesMax: Int = 1 << 20
  ) throws -> [CSVRecord] {
    let directory = try TemporaryDirectory()
    let source = try ByteSource(path: directory.file("f.csv", bytes), pieceBytes: piece)
    var reader = CSVReader(source, delimiter: delimiter, recordBytesMax: recordBytesMax)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    #expect(source.offset == UInt64(bytes.count))
    return records
  }

  private func read(_ text: String, piece: Int = 256 * 1024, recordBytesMax: Int = 1 << 20) throws
    -> [CSVRecord]
  {
    try read(Array(text.utf8), piece: piece, recordBytesMax: recordBytesMax)
  }

  @Test func readsCellsAsRFC4180Says() throws {
    let records = try read("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n,\n\nlast,\"\"")
    #expect(records.map(\.cells) == [["a", "b"], ["x, \"y\"", "two\nlines"], ["", ""], ["last", ""]])
    #expect(records.map(\.line) == [1, 2, 4, 6])
    #expect(records.allSatisfy { $0.problem == nil })
  }

  @Test func aQuoteInsideAnUnquotedCellIsItself() throws {
    #expect(try read("12\" PLATE,5\n").map(\.cells) == [["12\" PLATE", "5"]])
  }

  @Test func otherDelimitersWork() throws {
    #expect(try read(Array("a;b,c\n".utf8), delimiter: UInt8(ascii: ";")).map(\.cells) == [["a", "b,c"]])
  }

  @Test func anUnclosedQuoteCostsOneLine() throws {
    let records = try read("a,b\n\"open,1\nc,d\ne,f\n")
    #expect(records.map(\.problem?.reason) == [nil, "quote_not_closed", nil, nil])
    #expect(records.map(\.line) == [1, 2, 3, 4])
    #expect(records.last?.cells == ["e", "f"])
  }

  @Test func textBehindAQuoteIsReported() throws {
    let records = try read("\"a\"b,c\nd,e\n")
    #expect(records.map(\.problem?.reason) == ["quote_misplaced", nil])
  }

  @Test func bytesThatAreNotUTF8AreReported() throws {
    let records = try read([97, 0xE9, 10, 98, 10])
    #expect(records.map(\.problem?.reason) == ["text_invalid", nil])
    #expect(records.map(\.line) == [1, 2])
  }

  @Test func memoryIsBoundedByTheLongestRecord() throws {
    let long = String(repeating: "x", count: 5000)
    let records = try read("a\n\(long)\nb\n\"\(long)\nstill quoted\nc\n", piece: 64, recordBytesMax: 1000)
    #expect(records.map(\.problem?.reason) == [nil, "record_too_long", nil, "record_too_long", nil, nil])
    #expect(records.map(\.line) == [1, 2, 3, 4, 5, 6])
    #expect(records.last?.cells == ["c"])
  }

  /// Whatever is written as RFC 4180 says comes back, however the file is cut into pieces.
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func whatWasWrittenComesBack(seed: UInt64) throws {
    var generator = Seeded(seed: seed)
    let alphabet = ["a", "é", "\"", ",", "\n", "\r\n", " ", "𝄞", "0"]
    let columns = Int.random(in: 1...4, using: &generator)
    let rows = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
      (0..<columns).map { _ in
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator) ?? ""
        }
        .joined()
      }
    }
    var text = ""
    for row in rows {
      let cells = row.map { cell in
        // A row of one empty cell needs quotes, or it would be an empty line.
        let needsQuotes = cell.contains { "\",\n\r\r\n".contains($0) } || columns == 1
        let quotes = needsQuotes || Bool.random(using: &generator)
        return quotes
          ? "\"\(cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
          : cell
      }
      text += cells.joined(separator: ",") + (Bool.random(using: &generator) ? "\n" : "\r\n")
    }
    let piece = Int.random(in: 1...40, using: &generator)
    let records = try read(text, piece: piece)
    #expect(records.map(\.cells) == rows, "seed \(seed)")
    #expect(records.allSatisfy { $0.problem == nil }, "seed \(seed)")
  }

  /// No bytes make it trap, lose its place or read a line number wrong.
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func anyBytesAreReadToTheEnd(seed: UInt64) throws {
    var generator = Seeded(seed: seed)
    let alphabet: [UInt8] = [34, 34, 44, 10, 13, 97, 0xC3, 0xA9, 0xFF, 0]
    let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
      alphabet.randomElement(using: &generator) ?? 0
    }
    let whole = try read(bytes, recordBytesMax: 100)
    let pieces = try read(bytes, piece: Int.random(in: 1...7, using: &generator), recordBytesMax: 100)
    #expect(whole == pieces, "seed \(seed)")
    #expect(whole.map(\.line) == whole.map(\.line).sorted(), "seed \(seed)")
    let lines = bytes.count { $0 == 10 } + 1
    #expect(whole.allSatisfy { (1...lines).contains($0.line) }, "seed \(seed)")
  }
}
