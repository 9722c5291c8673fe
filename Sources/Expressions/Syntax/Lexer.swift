import Vocabulary

/// Cuts an expression into tokens. Linear in its length, which `Limits.expressionBytesMax` bounds.
struct Lexer {
  private let scalars: [Unicode.Scalar]
  private var place = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  /// All tokens, the last one `end`.
  static func tokens(_ source: String) throws(ExpressionFault) -> [Token] {
    guard source.utf8.count <= Limits.expressionBytesMax else {
      throw ExpressionFault(
        "The expression has \(source.utf8.count) bytes; at most \(Limits.expressionBytesMax) are allowed.",
        at: 1)
    }
    var lexer = Lexer(source)
    var tokens: [Token] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private mutating func next() throws(ExpressionFault) -> Token {
    while let scalar = current, scalar.properties.isWhitespace { place += 1 }
    let start = place + 1
    guard let first = current else { return Token(kind: .end, character: start) }
    if Self.isDigit(first) { return Token(kind: .number(try number()), character: start) }
    if Self.beginsWord(first) { return Token(kind: .word(word()), character: start) }
    if first == "\"" || first == "'" { return Token(kind: .text(try text(first)), character: start) }
    if let symbol = symbol() { return Token(kind: .symbol(symbol), character: start) }
    if first == "=" {
      throw ExpressionFault("A single = means nothing here; write == to compare.", at: start)
    }
    throw ExpressionFault("The character \(String(first)) means nothing here.", at: start)
  }

  // MARK: Kinds of tokens

  private mutating func symbol() -> Token.Symbol? {
    // Two characters before one: `<=` is not `<`.
    for symbol in Token.Symbol.allCases {
      let wanted = Array(symbol.rawValue.unicodeScalars)
      guard place + wanted.count <= scalars.count else { continue }
      if Array(scalars[place..<place + wanted.count]) == wanted {
        place += wanted.count
        return symbol
      }
    }
    return nil
  }

  private mutating func word() -> String {
    var word = ""
    while let scalar = current, Self.beginsWord(scalar) || Self.isDigit(scalar) {
      word.unicodeScalars.append(scalar)
      place += 1
    }
    return word
  }

  /// Digits with a fraction and an exponent; one of the letters w d h m s behind it makes it a span of time, in
  /// seconds.
  private mutating func number() throws(ExpressionFault) -> Double {
    let start = place + 1
    var digits = ""
    func isNumeric(_ scalar: Unicode.Scalar?) -> Bool { scalar.map(Self.isDigit) ?? false }
    func following(_ distance: Int) -> Unicode.Scalar? {
      place + distance < scalars.count ? scalars[place + distance] : nil
    }
    func take() {
      if let scalar = current { digits.unicodeScalars.append(scalar) }
      place += 1
    }
    while isNumeric(current) { take() }
    if current == ".", isNumeric(following(1)) {
      take()
      while isNumeric(current) { take() }
    }
    if current == "e" || current == "E" {
      let hasSign = following(1) == "-" || following(1) == "+"
      if isNumeric(following(hasSign ? 2 : 1)) {
        take()
        if hasSign { take() }
        while isNumeric(current) { take() }
      }
    }
    guard let number = Double(digits), number.isFinite else {
      throw ExpressionFault("The number \(digits) is too large.", at: start)
    }
    guard let unit = current, Self.beginsWord(unit) else { return number }
    let unitStart = place + 1
    let name = word()
    guard let seconds = Self.spans[name] else {
      throw ExpressionFault(
        "\(digits)\(name) is neither a number nor a span of time; spans end in w, d, h, m or s, such as 7d.",
        at: unitStart)
    }
    return number * seconds
  }

  private static let spans: [String: Double] = ["w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1]

  /// Between equal quotes; a backslash before a quote or a backslash stands for that character.
  private mutating func text(_ quote: Unicode.Scalar) throws(ExpressionFault) -> String {
    let start = place + 1
    place += 1
    var text = ""
    while let scalar = current {
      place += 1
      if scalar == quote { return text }
      if scalar == "\\" {
        guard let escaped = current else { break }
        guard escaped == quote || escaped == "\\" else {
          throw ExpressionFault(
            "A backslash may only stand before a quote or another backslash.", at: place)
        }
        place += 1
        text.unicodeScalars.append(escaped)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    throw ExpressionFault("The text that begins here has no closing \(String(quote)).", at: start)
  }

  // MARK: Characters

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func beginsWord(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }
}
