extension Expression {
  /// One of the parts of a filter that `and` joins.
  package struct Part: Sendable {
    package let expression: Expression
    /// Where it begins in the whole, from 1.
    package let character: Int
  }

  /// The parts that `and` joins at the top, in their order; the whole where nothing does. An item passes if it passes all of
  /// them. Compiles each: O(text). REQUIRES: `purpose` is `filter`.
  package var parts: [Part] {
    let whole = [Part(expression: self, character: 1)]
    guard let tokens = try? Lexer.tokens(source), let begin = tokens.first, let end = tokens.last else {
      return whole
    }
    let characters = Array(source.unicodeScalars)
    var parts: [Part] = []
    var (start, depth) = (begin.character, 0)
    /// Whether what stands before this character, back to the last cut, is an expression.
    func cut(before character: Int) -> Bool {
      let range = (start - 1)..<min(max(start, character) - 1, characters.count)
      var text = String.UnicodeScalarView(characters[range])
      while text.last?.properties.isWhitespace == true { text.removeLast() }
      guard let part = try? Expression(String(text), purpose: .filter) else { return false }
      parts.append(Part(expression: part, character: start))
      return true
    }
    for (place, token) in tokens.enumerated() {
      // A field may be called like an operator.
      let isField = place > 0 && tokens[place - 1].kind == .symbol(.dot)
      switch token.kind {
      case .symbol(.open), .symbol(.openList): depth += 1
      case .symbol(.close), .symbol(.closeList): depth -= 1
      case .word("or"), .symbol(.eitherOr):
        // Binds looser than `and`: the whole is one part.
        if depth == 0, !isField { return whole }
      case .word("and"), .symbol(.bothAnd):
        guard depth == 0, !isField, place + 1 < tokens.count else { continue }
        guard cut(before: token.character) else { return whole }
        start = tokens[place + 1].character
      default: break
      }
    }
    guard cut(before: end.character) else { return whole }
    return parts
  }
}
