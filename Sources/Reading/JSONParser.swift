/// A value as JSON wrote it.
package indirect enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case flag(Bool)
  /// The digits as written: an identifier of twenty digits must survive, which no `Double` lets it.
  case number(String)
  /// A text, escapes resolved.
  case text(String)
  /// A list.
  case list([JSONValue])
  /// An object.
  case object([JSONField])
}

/// A name and a value.
package struct JSONField: Sendable, Hashable {
  /// Escapes resolved.
  package var name: String
  /// What it has.
  package var value: JSONValue

  package init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// Reads one JSON object as RFC 8259 says. Ours, because identifiers written as numbers must keep every digit and
/// names their order, which Foundation's parser takes from them.
package struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  /// No imported thing is nested deeper; a bound keeps a hostile line from using up the stack.
  private static let depthMax = 8

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The fields of the one object in `bytes`; nil if there is only white space.
  package static func object(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<[JSONField]?, Problem> {
    var parser = JSONParser(bytes)
    do throws(Problem) {
      parser.skipSpace()
      if parser.at == bytes.count { return .success(nil) }
      guard case .object(let fields) = try parser.value(depth: 0) else {
        return .failure(Problem("json_invalid", "The line is not a JSON object; write one {…} per line."))
      }
      parser.skipSpace()
      if parser.at < bytes.count { throw parser.expected("the end of the line") }
      return .success(fields)
    } catch {
      return .failure(error)
    }
  }

  private func expected(_ what: String) -> Problem {
    Problem("json_invalid", "Byte \(at + 1) of the line is not \(what), as JSON wants it.")
  }

  private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte, byte == 32 || byte == 9 || byte == 13 || byte == 10 { at += 1 }
  }

  private mutating func value(depth: Int) throws(Problem) -> JSONValue {
    if depth > Self.depthMax {
      throw Problem("json_invalid", "Objects and lists are nested deeper than \(Self.depthMax).")
    }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try list(depth: depth)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Problem) -> JSONValue {
    let count = word.utf8CodeUnitCount
    let rest = bytes[at...].prefix(count)
    guard rest.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count)) else {
      throw expected("a value")
    }
    at += count
    return value
  }

  private mutating func object(depth: Int) throws(Problem) -> JSONValue {
    at += 1
    var fields: [JSONField] = []
    skipSpace()
    if byte == UInt8(ascii: "}") {
      at += 1
      return .object(fields)
    }
    while true {
      skipSpace()
      guard byte == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
      let name = try text()
      if fields.contains(where: { $0.name == name }) {
        throw Problem("duplicate_name", "The name \"\(name)\" occurs twice.")
      }
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw expected("a colon") }
      at += 1
      skipSpace()
      fields.append(JSONField(name, try value(depth: depth + 1)))
      skipSpace()
      if byte == UInt8(ascii: ",") {
        at += 1
      } else if byte == UInt8(ascii: "}") {
        at += 1
        return .object(fields)
      } else {
        throw expected("a comma or a closing brace")
      }
    }
  }

  private mutating func list(depth: Int) throws(Problem) -> JSONValue {
    at += 1
    var values: [JSONValue] = []
    skipSpace()
    if byte == UInt8(ascii: "]") {
      at += 1
      return .list(values)
    }
    while true {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
      if byte == UInt8(ascii: ",") {
        at += 1
      } else if byte == UInt8(ascii: "]") {
        at += 1
        return .list(values)
      } else {
        throw expected("a comma or a closing bracket")
      }
    }
  }

  private mutating func number() throws(Problem) -> JSONValue {
    let start = at
    if byte == UInt8(ascii: "-") { at += 1 }
    let first = byte
    guard digits() > 0 else {
      at = start
      throw expected("a value")
    }
    if first == UInt8(ascii: "0"), at - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
      throw expected("a number without leading zeros; put an identifier in quotes")
    }
    if byte == UInt8(ascii: ".") {
      at += 1
      guard digits() > 0 else { throw expected("a digit") }
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      at += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
      guard digits() > 0 else { throw expected("a digit") }
    }
    return .number(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = at
    while let byte, (48...57).contains(byte) { at += 1 }
    return at - start
  }

  /// REQUIRES: at a quote.
  private mutating func text() throws(Problem) -> String {
    at += 1
    var result: [UInt8] = []
    while let byte {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: result, as: UTF8.self) else {
          throw Problem("text_invalid", "The line is not UTF-8; convert the file first.")
        }
        return text
      case UInt8(ascii: "\\"): result.append(contentsOf: try escape().utf8)
      case 0..<32: throw Problem("json_invalid", "A text holds a control character; escape it.")
      default: result.append(byte)
      }
    }
    throw expected("the closing quote")
  }

  private mutating func escape() throws(Problem) -> String {
    guard let byte else { throw expected("an escaped character") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return String(Character(scalar)) }
      // A surrogate makes sense only with its other half.
      guard (0xD800..<0xDC00).contains(unit), bytes[at...].starts(with: Array("\\u".utf8)) else {
        throw expected("a whole character")
      }
      at += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      else { throw expected("a whole character") }
      return String(Character(scalar))
    default: throw expected("an escape JSON knows")
    }
  }

  private mutating func hexadecimal() throws(Problem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 128 else {
        throw expected("a hexadecimal digit")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }
}
