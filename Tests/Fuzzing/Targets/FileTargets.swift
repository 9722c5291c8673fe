import Configuration
import Foundation
import Reading
import Vocabulary

extension FuzzTarget {
  /// A configuration that is accepted must be the same again when it is written out and read back.
  static let configuration = FuzzTarget(
    name: "configuration", about: "configuration files",
    seeds: {
      [
        Array(Configuration().rendered().utf8),
        Array("port: 1\ntraining:\n  factors: 32\nweights:\n  view: 0.5\ntenants: [a, b]\n".utf8),
        Array("training: &x\n  factors: 3\nreading: *x\n".utf8), Array("- a\n- {b: [c, \"d\"]}\n".utf8),
        Array("? [a]\n: b\n".utf8), Array("a: |\n  text\nb: !!binary eA==\n".utf8),
      ]
    },
    make: {
      { input in
        guard let text = String(validating: input, as: UTF8.self),
          let configuration = try? Configuration.load(text: text, name: "fuzz")
        else { return }
        let again = try Configuration.load(text: configuration.rendered(), name: "again")
        try expect(
          again.settings == configuration.settings && again.hash == configuration.hash,
          "a configuration does not survive being written out")
      }
    })

  /// CSV with three delimiters, read in pieces of two sizes: the records must be the same.
  static let csv = FuzzTarget(
    name: "csv", about: "CSV files, as an import reads them",
    seeds: {
      [
        Array("user,item,time\nanna,plates,2010-12-01T08:26:00\n\"b,\"\"ob\",cups,1291191960\n".utf8),
        Array("user;item\r\n\"anna\r\nberta\";plates\r\n".utf8), Array("a\tb\n\t\n\"\n".utf8),
        Array("\u{feff}id,title\n1,\"Größe\"\n".utf8),
      ]
    },
    make: {
      let scratch = try Scratch()
      return { input in
        try scratch.write(input, to: "file.csv")
        for delimiter: UInt8 in [44, 59, 9] {
          let whole = try Self.records(scratch.path + "/file.csv", delimiter, pieceBytes: 1 << 18)
          let pieces = try Self.records(scratch.path + "/file.csv", delimiter, pieceBytes: 3)
          try expect(whole == pieces, "CSV records depend on how the file is read")
          for record in whole {
            for cell in record.cells { _ = try? ISO8601.microseconds(cell, field: "time") }
          }
        }
      }
    })

  private static func records(_ path: String, _ delimiter: UInt8, pieceBytes: Int) throws -> [CSVRecord] {
    var reader = CSVReader(
      try ByteSource(path: path, pieceBytes: pieceBytes), delimiter: delimiter, recordBytesMax: 256)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  static let jsonLines = FuzzTarget(
    name: "json-lines", about: "JSON lines, as an import reads them",
    seeds: {
      [
        Array(
          #"{"user":"anna","item":12345678901234567890,"time":"2010-12-01","tags":["a",1,null,true,{"b":[]}]}"#
            .utf8),
        Array("{\"a\":\"\\u00e4\\ud83d\\udc26\\n\\\\\"}\n{}\n\n{\"b\":-1.5e-7}\n".utf8),
        Array("[[[[[[[[[[]]]]]]]]]]\n{\"a\":1,\"a\":2}\n".utf8),
      ]
    },
    make: {
      let scratch = try Scratch()
      return { input in
        try scratch.write(input, to: "file.jsonl")
        let path = scratch.path + "/file.jsonl"
        let whole = try Self.lines(path, pieceBytes: 1 << 18)
        let pieces = try Self.lines(path, pieceBytes: 3)
        try expect(whole == pieces, "JSON lines depend on how the file is read")
      }
    })

  private static func lines(_ path: String, pieceBytes: Int) throws -> [JSONLine] {
    var reader = LineReader(try ByteSource(path: path, pieceBytes: pieceBytes), lineBytesMax: 256)
    var lines: [JSONLine] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }
}
