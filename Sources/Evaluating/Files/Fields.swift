/// Cuts lines of plain text into fields.
enum Fields {
  /// Fields of a line: parted by `::`, tabs, commas or semicolons if the line has some, in this order, else by
  /// blanks. Runs of blanks are one; blanks around a field are dropped; empty fields at the end as well.
  static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var fields: [ArraySlice<UInt8>] = []
    if let separator = separator(line) {
      var start = line.startIndex
      var at = line.startIndex
      while at < line.endIndex {
        if line[at] == separator {
          fields.append(trimmed(line[start..<at]))
          if separator == colon { at += 1 }
          start = at + 1
        }
        at += 1
      }
      fields.append(trimmed(line[min(start, line.endIndex)...]))
      while fields.count > 1, fields.last?.isEmpty == true { fields.removeLast() }
      return fields
    }
    var start: Int?
    for at in line.indices {
      let isSpace = line[at] == 32 || line[at] == 9
      if isSpace, let begin = start {
        fields.append(line[begin..<at])
        start = nil
      } else if !isSpace, start == nil {
        start = at
      }
    }
    if let begin = start { fields.append(line[begin...]) }
    return fields
  }

  /// Words parted by blanks and tabs, whatever else the line holds.
  static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split { $0 == 32 || $0 == 9 }
  }

  private static let colon = UInt8(ascii: ":")

  private static func separator(_ line: ArraySlice<UInt8>) -> UInt8? {
    var previous: UInt8 = 0
    var (tab, comma, semicolon) = (false, false, false)
    for byte in line {
      if byte == colon, previous == colon { return colon }
      tab = tab || byte == 9
      comma = comma || byte == UInt8(ascii: ",")
      semicolon = semicolon || byte == UInt8(ascii: ";")
      previous = byte
    }
    return tab ? 9 : comma ? UInt8(ascii: ",") : semicolon ? UInt8(ascii: ";") : nil
  }

  /// Whether blanks stand around a tab only, so that they part nothing.
  static func isSpaced(_ line: ArraySlice<UInt8>) -> Bool {
    let words = words(line).count
    return words == split(line).count
  }

  static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while let first = field.first, first == 32 || first == 9 || first == 13 { field = field.dropFirst() }
    while let last = field.last, last == 32 || last == 9 || last == 13 { field = field.dropLast() }
    return field
  }

  /// A number, or nil; not-a-number and infinities are none.
  static func number(_ field: ArraySlice<UInt8>) -> Double? {
    guard let value = Double(String(decoding: field, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }
}
