import Reading

// Typed access. Each says, when a value will not do, what it is and what it should be.
extension Row {
  /// Text that must be there. A whole number in JSON counts as its digits.
  func needed(_ field: ImportField) throws(Problem) -> String {
    guard let text = try text(field), !text.isEmpty else {
      throw Problem("missing_field", "The line has no \(field.rawValue).")
    }
    return text
  }

  /// Text, if there.
  func text(_ field: ImportField) throws(Problem) -> String? {
    guard let value = fields[field] else { return nil }
    return try Self.text(value, field.rawValue)
  }

  /// A finite number, if there.
  func number(_ field: ImportField) throws(Problem) -> Double? {
    guard let value = fields[field] else { return nil }
    return try Self.number(value, field.rawValue)
  }

  /// Yes or no, if there.
  func flag(_ field: ImportField) throws(Problem) -> Bool? {
    guard let value = fields[field] else { return nil }
    return try Self.flag(value, field.rawValue)
  }

  /// Several texts; in one text they are separated by `|`.
  func texts(_ field: ImportField) throws(Problem) -> [String] {
    guard let value = fields[field] else { return [] }
    return try Self.texts(value, field.rawValue)
  }

  static func text(_ value: JSONValue, _ name: String) throws(Problem) -> String {
    switch value {
    case .text(let text): return text
    case .number(let digits):
      // 17372.0 is what some tools make of the identifier 17372; guessing would merge or split things.
      guard digits.allSatisfy({ $0.isNumber || $0 == "-" }) else {
        throw Problem(
          "text_invalid", "\(name) is the number \(digits); write a whole number, or a text in quotes.")
      }
      return digits
    default: throw Problem("text_invalid", "\(name) is not a text; write it in quotes.")
    }
  }

  static func number(_ value: JSONValue, _ name: String) throws(Problem) -> Double {
    let digits: String
    switch value {
    case .number(let text): digits = text
    case .text(let text): digits = text.trimmedSpaces
    default: throw Problem("number_invalid", "\(name) is not a number.")
    }
    guard let first = digits.utf8.first, first != UInt8(ascii: "+"), !digits.lowercased().contains("x"),
      let number = Double(digits), number.isFinite
    else {
      let advice = digits.contains(",") ? "; write a point for decimals and no thousands separator" : ""
      throw Problem("number_invalid", "\(name) is \"\(digits)\", which is not a finite number\(advice).")
    }
    return number
  }

  static func flag(_ value: JSONValue, _ name: String) throws(Problem) -> Bool {
    switch value {
    case .flag(let flag): return flag
    case .text(let text), .number(let text):
      switch text.trimmedSpaces.lowercased() {
      case "true", "yes", "1": return true
      case "false", "no", "0": return false
      default: throw Problem("flag_invalid", "\(name) is \"\(text)\"; write true or false.")
      }
    default: throw Problem("flag_invalid", "\(name) is neither true nor false.")
    }
  }

  static func texts(_ value: JSONValue, _ name: String) throws(Problem) -> [String] {
    switch value {
    case .list(let values):
      var texts: [String] = []
      for value in values { texts.append(try text(value, name)) }
      return texts
    case .text(let text):
      return text.split(separator: "|").map { String($0).trimmedSpaces }.filter { !$0.isEmpty }
    default: return [try text(value, name)]
    }
  }
}
