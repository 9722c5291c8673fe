import Vocabulary

/// Functions, and arithmetic.
extension Compiler {
  // MARK: Numbers

  /// Writes what leaves a number on the stack, NaN where it is missing.
  mutating func number(_ node: SyntaxNode) throws(ExpressionFault) {
    switch node.kind {
    case .number(let value): try emit(.constant(value), at: node)
    case .negate(let inner):
      try number(inner)
      try emit(.negate, at: node)
    case .field(let field):
      guard let meaning = FieldTable.meaning(of: field) else {
        return try emit(.number(.attribute(reference(field))), at: node)
      }
      owners.insert(field.owner)
      switch meaning {
      case .number(let source):
        if source == .time { readsTime = true }
        try emit(.number(source), at: node)
      case .age:
        readsTime = true
        try emit(.number(.time), at: node)
        try emit(.number(.created), at: node)
        try emit(.subtract, at: node)
      default: throw Self.mismatch(.number, meaning.type, node)
      }
    case .binary(.coalesce, let left, let right):
      try number(left)
      let jump = instructions.count
      try emit(.jumpIfPresent(0), at: node)
      try number(right)
      instructions[jump] = .jumpIfPresent(instructions.count)
    case .binary(let operation, let left, let right):
      let instruction: Instruction
      switch operation {
      case .add: instruction = .add
      case .subtract: instruction = .subtract
      case .multiply: instruction = .multiply
      case .divide: instruction = .divide
      case .remainder: instruction = .remainder
      default: throw Self.mismatch(.number, .flag, node)
      }
      try number(left)
      try number(right)
      try emit(instruction, at: node)
    case .call(let name, let arguments): try numberCall(name, arguments, node)
    default: throw Self.mismatch(.number, type(of: node), node)
    }
  }

  private mutating func numberCall(_ name: String, _ arguments: [SyntaxNode], _ node: SyntaxNode)
    throws(ExpressionFault)
  {
    let function = try known(name, arguments, node)
    switch function {
    case .abs: try unary(.absolute, arguments, node)
    case .sqrt: try unary(.squareRoot, arguments, node)
    case .log: try unary(.logarithm, arguments, node)
    case .exp: try unary(.exponential, arguments, node)
    case .floor: try unary(.roundDown, arguments, node)
    case .ceil: try unary(.roundUp, arguments, node)
    case .hour: try unary(.hour, arguments, node)
    case .weekday: try unary(.weekday, arguments, node)
    case .min, .max: try fold(function == .min ? .minimum : .maximum, arguments, node)
    case .clamp:
      try number(arguments[0])
      try number(arguments[1])
      try emit(.maximum, at: node)
      try number(arguments[2])
      try emit(.minimum, at: node)
    case .time: try emit(.constant(Self.time(arguments, node)), at: node)
    case .distance: try emit(.distance(pointSource(arguments[0]), pointSource(arguments[1])), at: node)
    case .size: try emit(.size(textsSource(arguments[0])), at: node)
    case .number: try number(arguments[0])
    case .choose:
      try choose(arguments, node) { compiler, branch throws(ExpressionFault) in try compiler.number(branch) }
    case .point, .has, .contains, .startsWith, .flag, .text, .texts:
      throw Self.mismatch(.number, function.result, node)
    }
  }

  private mutating func unary(_ instruction: Instruction, _ arguments: [SyntaxNode], _ node: SyntaxNode)
    throws(ExpressionFault)
  {
    try number(arguments[0])
    try emit(instruction, at: node)
  }

  private mutating func fold(_ instruction: Instruction, _ arguments: [SyntaxNode], _ node: SyntaxNode)
    throws(ExpressionFault)
  {
    for (place, argument) in arguments.enumerated() {
      try number(argument)
      if place > 0 { try emit(instruction, at: node) }
    }
  }

  // MARK: Truth

  mutating func flagCall(_ name: String, _ arguments: [SyntaxNode], _ node: SyntaxNode)
    throws(ExpressionFault)
  {
    let function = try known(name, arguments, node)
    switch function {
    case .has: try emit(.has(presence(arguments[0])), at: node)
    case .contains: try emit(.contains(textSource(arguments[0]), textSource(arguments[1])), at: node)
    case .startsWith: try emit(.startsWith(textSource(arguments[0]), textSource(arguments[1])), at: node)
    case .flag: try flag(arguments[0])
    case .choose:
      try choose(arguments, node) { compiler, branch throws(ExpressionFault) in try compiler.flag(branch) }
    default: throw Self.mismatch(.flag, function.result, node)
    }
  }

  private mutating func choose(
    _ arguments: [SyntaxNode], _ node: SyntaxNode,
    _ branch: (inout Compiler, SyntaxNode) throws(ExpressionFault) -> Void
  ) throws(ExpressionFault) {
    try flag(arguments[0])
    let toOtherwise = instructions.count
    try emit(.branchIfFalse(0), at: node)
    try branch(&self, arguments[1])
    let toEnd = instructions.count
    try emit(.jump(0), at: node)
    instructions[toOtherwise] = .branchIfFalse(instructions.count)
    // Only one of the branches leaves its value; counting both would be safe and one place too many.
    try branch(&self, arguments[2])
    instructions[toEnd] = .jump(instructions.count)
  }

  private mutating func presence(_ node: SyntaxNode) throws(ExpressionFault) -> Instruction.Presence {
    guard case .field(let field) = node.kind else {
      throw ExpressionFault("has(…) asks about a field, such as item.price.", at: node.character)
    }
    guard let meaning = FieldTable.meaning(of: field) else { return .attribute(reference(field)) }
    owners.insert(field.owner)
    switch meaning {
    case .number(let source):
      if source == .time { readsTime = true }
      return .number(source)
    case .age: return .number(.created)
    case .text(let source): return .text(source)
    case .texts(let source): return .texts(source)
    case .point(let source): return .point(source)
    case .flag:
      throw ExpressionFault("\(field.text) is always known; ask for it directly.", at: node.character)
    }
  }

  // MARK: Texts, lists, places

  mutating func textSource(_ node: SyntaxNode) throws(ExpressionFault) -> TextSource {
    switch node.kind {
    case .text(let text):
      texts.append(text)
      return .constant(texts.count - 1)
    case .field(let field):
      guard let meaning = FieldTable.meaning(of: field) else { return .attribute(reference(field)) }
      guard case .text(let source) = meaning else { throw Self.mismatch(.text, meaning.type, node) }
      owners.insert(field.owner)
      return source
    case .call("text", let arguments):
      _ = try known("text", arguments, node)
      return try textSource(arguments[0])
    default: throw Self.mismatch(.text, type(of: node), node)
    }
  }

  mutating func textsSource(_ node: SyntaxNode) throws(ExpressionFault) -> TextsSource {
    switch node.kind {
    case .list(let elements):
      var list: [String] = []
      for element in elements {
        guard case .text(let text) = element.kind else {
          throw Self.mismatch(.text, type(of: element), element)
        }
        list.append(text)
      }
      textLists.append(list)
      return .constant(textLists.count - 1)
    case .field(let field):
      guard let meaning = FieldTable.meaning(of: field) else { return .attribute(reference(field)) }
      guard case .texts(let source) = meaning else { throw Self.mismatch(.texts, meaning.type, node) }
      owners.insert(field.owner)
      return source
    case .call("texts", let arguments):
      _ = try known("texts", arguments, node)
      return try textsSource(arguments[0])
    default: throw Self.mismatch(.texts, type(of: node), node)
    }
  }

  private mutating func pointSource(_ node: SyntaxNode) throws(ExpressionFault) -> PointSource {
    switch node.kind {
    case .field(let field):
      guard case .point(let source)? = FieldTable.meaning(of: field) else {
        throw Self.mismatch(.point, FieldTable.meaning(of: field)?.type, node)
      }
      owners.insert(field.owner)
      return source
    case .call("point", let arguments):
      _ = try known("point", arguments, node)
      let (latitude, longitude) = (try coordinate(arguments[0], 90), try coordinate(arguments[1], 180))
      return .constant(latitude: latitude, longitude: longitude)
    default: throw Self.mismatch(.point, type(of: node), node)
    }
  }

  private func coordinate(_ node: SyntaxNode, _ bound: Double) throws(ExpressionFault) -> Double {
    var value: Double?
    if case .number(let number) = node.kind { value = number }
    if case .negate(let inner) = node.kind, case .number(let number) = inner.kind { value = -number }
    guard let value, abs(value) <= bound else {
      throw ExpressionFault(
        "A number from -\(Int(bound)) to \(Int(bound)) should stand here, in degrees.", at: node.character)
    }
    return value
  }

  // MARK: Checks

  private func known(_ name: String, _ arguments: [SyntaxNode], _ node: SyntaxNode)
    throws(ExpressionFault) -> ExpressionFunction
  {
    guard let function = ExpressionFunction(rawValue: name) else {
      let all = ExpressionFunction.allCases.map(\.rawValue).sorted().joined(separator: ", ")
      throw ExpressionFault("There is no function \(name); there are \(all).", at: node.character)
    }
    guard function.arity.contains(arguments.count) else {
      throw ExpressionFault(
        "\(name) does not take \(arguments.count) arguments; write \(function.usage).", at: node.character)
    }
    return function
  }

  /// The seconds of `time("2026-01-31T12:00:00Z")`.
  static func time(_ arguments: [SyntaxNode], _ node: SyntaxNode) throws(ExpressionFault) -> Double {
    guard arguments.count == 1, case .text(let text) = arguments[0].kind, let seconds = TimeText.seconds(text)
    else {
      throw ExpressionFault(
        "A time is written \(ExpressionFunction.time.usage) or time(\"2026-01-31\"), in UTC.",
        at: node.character)
    }
    return Double(seconds)
  }
}
