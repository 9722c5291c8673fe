import Vocabulary

/// Precedence climbing over the tokens (Clarke 1986): one loop for all operators with two sides, recursion only
/// where the text nests, and that is bounded by `Limits.expressionDepthMax`.
struct Parser {
  private let tokens: [Token]
  private var place = 0
  private var depth = 0

  /// Binds tighter than `and`, looser than comparisons: `not a == b` is `not (a == b)`.
  private static let notStrength = 3

  static func parse(_ source: String) throws(ExpressionFault) -> SyntaxNode {
    var parser = Parser(tokens: try Lexer.tokens(source))
    if case .end = parser.current.kind {
      throw ExpressionFault("The expression is empty; write for instance item.price < 20.", at: 1)
    }
    let node = try parser.expression(strength: 0)
    guard case .end = parser.current.kind else {
      throw ExpressionFault("An operator such as `and` is missing before this.", at: parser.current.character)
    }
    return node
  }

  private init(tokens: [Token]) { self.tokens = tokens }

  /// The last token is `end` and is never passed.
  private var current: Token { tokens[min(place, tokens.count - 1)] }

  private mutating func advance() { place = min(place + 1, tokens.count - 1) }

  private mutating func accept(_ symbol: Token.Symbol) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private mutating func expect(_ symbol: Token.Symbol, _ purpose: String) throws(ExpressionFault) {
    guard accept(symbol) else {
      throw ExpressionFault("\(symbol.rawValue) is missing here, \(purpose).", at: current.character)
    }
  }

  /// An operator with two sides at the current place, and how many tokens it is made of.
  private var binaryOperator: (BinaryOperator, negated: Bool, tokens: Int)? {
    switch current.kind {
    case .symbol(let symbol): Self.symbols[symbol].map { ($0, false, 1) }
    case .word("and"): (.and, false, 1)
    case .word("or"): (.or, false, 1)
    case .word("in"): (.isIn, false, 1)
    case .word("overlaps"): (.overlaps, false, 1)
    case .word("not"):
      place + 1 < tokens.count && tokens[place + 1].kind == .word("in") ? (.isIn, true, 2) : nil
    default: nil
    }
  }

  private static let symbols: [Token.Symbol: BinaryOperator] = [
    .equal: .equal, .unequal: .unequal, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
    .greaterOrEqual: .greaterOrEqual, .coalesce: .coalesce, .bothAnd: .and, .eitherOr: .or, .plus: .add,
    .minus: .subtract, .times: .multiply, .over: .divide, .remainder: .remainder,
  ]

  /// Everything that binds tighter than `strength`.
  private mutating func expression(strength: Int) throws(ExpressionFault) -> SyntaxNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Limits.expressionDepthMax else {
      throw ExpressionFault(
        "The expression nests deeper than \(Limits.expressionDepthMax) levels.", at: current.character)
    }
    var left = try prefix()
    while let (operation, isNegated, count) = binaryOperator, operation.strength > strength {
      let character = current.character
      for _ in 0..<count { advance() }
      let right = try expression(strength: operation.strength)
      left = SyntaxNode(kind: .binary(operation, left, right), character: character)
      if isNegated { left = SyntaxNode(kind: .not(left), character: character) }
      if operation.strength == BinaryOperator.equal.strength, let next = binaryOperator,
        next.0.strength == operation.strength
      {
        throw ExpressionFault(
          "Comparisons do not chain; join two of them with `and`.", at: current.character)
      }
    }
    return left
  }

  private mutating func prefix() throws(ExpressionFault) -> SyntaxNode {
    let token = current
    advance()
    let character = token.character
    switch token.kind {
    case .number(let number): return SyntaxNode(kind: .number(number), character: character)
    case .text(let text): return SyntaxNode(kind: .text(text), character: character)
    case .word("true"): return SyntaxNode(kind: .flag(true), character: character)
    case .word("false"): return SyntaxNode(kind: .flag(false), character: character)
    case .word("not"), .symbol(.not):
      let strength = token.kind == .symbol(.not) ? Int.max : Self.notStrength
      return SyntaxNode(kind: .not(try expression(strength: strength)), character: character)
    case .symbol(.minus):
      return SyntaxNode(kind: .negate(try expression(strength: Int.max)), character: character)
    case .symbol(.open):
      let inner = try expression(strength: 0)
      try expect(.close, "to close the parenthesis")
      return inner
    case .symbol(.openList): return try list(from: character)
    case .word(let word): return try named(word, from: character)
    case .end: throw ExpressionFault("The expression ends where a value should follow.", at: character)
    case .symbol(let symbol):
      throw ExpressionFault("A value should stand here instead of \(symbol.rawValue).", at: character)
    }
  }

  private mutating func list(from character: Int) throws(ExpressionFault) -> SyntaxNode {
    var elements: [SyntaxNode] = []
    if !accept(.closeList) {
      repeat {
        guard elements.count < Limits.expressionListMax else {
          throw ExpressionFault(
            "A list holds at most \(Limits.expressionListMax) values.", at: current.character)
        }
        elements.append(try expression(strength: 0))
      } while accept(.comma)
      try expect(.closeList, "to close the list")
    }
    return SyntaxNode(kind: .list(elements), character: character)
  }

  /// A field or a call.
  private mutating func named(_ word: String, from character: Int) throws(ExpressionFault) -> SyntaxNode {
    if accept(.open) {
      var arguments: [SyntaxNode] = []
      if !accept(.close) {
        repeat { arguments.append(try expression(strength: 0)) } while accept(.comma)
        try expect(.close, "to close the arguments of \(word)")
      }
      return SyntaxNode(kind: .call(word, arguments), character: character)
    }
    guard let owner = FieldName.Owner(rawValue: word) else {
      throw ExpressionFault(
        "\(word) is not known. Fields are written item.\(word), user.\(word) or context.\(word); texts stand in quotes.",
        at: character)
    }
    if accept(.dot) {
      guard case .word(let name) = current.kind else {
        throw ExpressionFault(
          "A name should follow \(word).; names with other characters are written \(word)[\"name\"].",
          at: current.character)
      }
      advance()
      return SyntaxNode(kind: .field(FieldName(owner, name)), character: character)
    }
    if accept(.openList) {
      guard case .text(let name) = current.kind else {
        throw ExpressionFault("A name in quotes should stand here.", at: current.character)
      }
      advance()
      try expect(.closeList, "after the name")
      return SyntaxNode(kind: .field(FieldName(owner, name, isQuoted: true)), character: character)
    }
    throw ExpressionFault("\(word) needs a name: \(word).something.", at: character)
  }
}
