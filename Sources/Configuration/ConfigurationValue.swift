import Vocabulary

/// A value as its key reads it.
extension ConfigurationValue {
  /// A whole number in decimal digits. Underscores may group them.
  var integer: Int64? {
    guard case .plain(let text) = self else { return nil }
    let digits = text.filter { $0 != "_" }
    guard !text.hasPrefix("_"), !text.hasSuffix("_") else { return nil }
    return Int64(digits)
  }

  /// A finite number.
  var number: Double? {
    guard case .plain(let text) = self, let value = Double(text), value.isFinite else { return nil }
    // `Double` also reads `nan`, `infinity` and hexadecimal; only decimal notation is meant here.
    guard text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
    return value
  }

  var flag: Bool? {
    switch self {
    case .plain("true"): true
    case .plain("false"): false
    default: nil
    }
  }

  var text: String? {
    switch self {
    case .plain(let text), .quoted(let text): text
    case .list, .nothing: nil
    }
  }

  /// A list, or a comma-separated text, which is all that flags and environment can say.
  var texts: [String]? {
    switch self {
    case .list(let texts): texts
    case .plain(let text), .quoted(let text):
      text.split(separator: ",").map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    case .nothing: nil
    }
  }

  /// The value for a message, shortened.
  var shown: String {
    let text: String =
      switch self {
      case .plain(let text): text
      case .quoted(let text): "\"\(text)\""
      case .list(let texts): "[\(texts.joined(separator: ", "))]"
      case .nothing: "nothing"
      }
    return text.count <= 60 ? text : text.prefix(57) + "…"
  }
}
