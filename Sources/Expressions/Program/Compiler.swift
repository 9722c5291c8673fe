import Vocabulary

/// Checks types and writes the program, in one walk over the tree.
///
/// A free attribute has no type of its own: it takes the one that its place asks for, so `item.size < 10` reads a
/// number and `item.size == "L"` a text. Where both sides are free the writer has to say: `number(item.a)`.
struct Compiler {
  var instructions: [Instruction] = []
  /// Names of free attributes, and constants, by place.
  var names: [String] = []
  var texts: [String] = []
  var textLists: [[String]] = []
  var numberLists: [[Double]] = []
  var owners: Set<FieldName.Owner> = []
  var readsTime = false
  private var depth = 0
  private(set) var depthMax = 1

  mutating func emit(_ instruction: Instruction, at node: SyntaxNode) throws(ExpressionFault) {
    guard instructions.count < Limits.expressionInstructionsMax else {
      throw ExpressionFault(
        "The expression is too long: it needs more than \(Limits.expressionInstructionsMax) instructions.",
        at: node.character)
    }
    instructions.append(instruction)
    depth += instruction.growth
    depthMax = max(depthMax, depth)
  }

  // MARK: Types

  /// The type of a part, or nil for a free attribute, which fits anywhere.
  func type(of node: SyntaxNode) -> ValueType? {
    switch node.kind {
    case .number, .negate: .number
    case .text: .text
    case .flag, .not: .flag
    case .list: .list
    case .field(let field): FieldTable.meaning(of: field)?.type
    case .binary(let operation, let left, let right):
      switch operation {
      case .add, .subtract, .multiply, .divide, .remainder: .number
      case .coalesce: type(of: left) ?? type(of: right) ?? .number
      default: .flag
      }
    case .call(let name, let arguments):
      switch ExpressionFunction(rawValue: name) {
      case .choose where arguments.count == 3: type(of: arguments[1]) ?? type(of: arguments[2]) ?? .number
      case let function?: function.result
      case nil: .number
      }
    }
  }

  static func mismatch(_ wanted: ValueType, _ found: ValueType?, _ node: SyntaxNode) -> ExpressionFault {
    ExpressionFault(
      "\(wanted.words.capitalizedFirst) is needed here" + (found.map { "; this is \($0.words)." } ?? "."),
      at: node.character)
  }

  mutating func reference(_ field: FieldName) -> AttributeReference {
    owners.insert(field.owner)
    let place = names.firstIndex(of: field.name) ?? names.count
    if place == names.count { names.append(field.name) }
    return AttributeReference(owner: field.owner, name: place)
  }

  // MARK: Truth

  /// Writes what leaves 1 or 0 on the stack.
  mutating func flag(_ node: SyntaxNode) throws(ExpressionFault) {
    switch node.kind {
    case .flag(let value): try emit(.constant(value ? 1 : 0), at: node)
    case .not(let inner):
      try flag(inner)
      try emit(.not, at: node)
    case .field(let field):
      guard let meaning = FieldTable.meaning(of: field) else {
        return try emit(.flag(.attribute(reference(field))), at: node)
      }
      guard case .flag(let source) = meaning else { throw Self.mismatch(.flag, meaning.type, node) }
      owners.insert(field.owner)
      try emit(.flag(source), at: node)
    case .binary(let operation, let left, let right):
      try self.binaryFlag(operation, left, right, node)
    case .call(let name, let arguments): try flagCall(name, arguments, node)
    default: throw Self.mismatch(.flag, type(of: node), node)
    }
  }

  private mutating func binaryFlag(
    _ operation: BinaryOperator, _ left: SyntaxNode, _ right: SyntaxNode, _ node: SyntaxNode
  ) throws(ExpressionFault) {
    switch operation {
    case .and, .or:
      try flag(left)
      let jump = instructions.count
      try emit(operation == .and ? .jumpIfFalse(0) : .jumpIfTrue(0), at: node)
      try flag(right)
      instructions[jump] =
        operation == .and ? .jumpIfFalse(instructions.count) : .jumpIfTrue(instructions.count)
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      try comparison(operation, left, right, node)
    case .isIn: try membership(left, right, node)
    case .overlaps:
      try emit(.overlap(textsSource(left), textsSource(right)), at: node)
    case .coalesce:
      throw ExpressionFault(
        "?? gives a number; a flag or a list that is missing is false or empty anyway.", at: node.character)
    case .add, .subtract, .multiply, .divide, .remainder:
      throw Self.mismatch(.flag, .number, node)
    }
  }

  private mutating func comparison(
    _ operation: BinaryOperator, _ left: SyntaxNode, _ right: SyntaxNode, _ node: SyntaxNode
  ) throws(ExpressionFault) {
    guard let type = type(of: left) ?? type(of: right) else {
      throw ExpressionFault(
        "Nobody knows whether these are numbers or texts; write number(…) or text(…) around one side.",
        at: node.character)
    }
    let isEquality = operation == .equal || operation == .unequal
    switch type {
    case .number:
      try number(left)
      try number(right)
      let instruction: Instruction =
        switch operation {
        case .equal: .equal
        case .unequal: .unequal
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        default: .greaterOrEqual
        }
      try emit(instruction, at: node)
    case .text where isEquality:
      try emit(.textEqual(textSource(left), textSource(right)), at: node)
      if operation == .unequal { try emit(.not, at: node) }
    case .flag where isEquality:
      try flag(left)
      try flag(right)
      try emit(operation == .equal ? .equal : .unequal, at: node)
    case .text, .flag:
      throw ExpressionFault(
        "Only numbers are smaller or larger; compare \(type.words) with == or !=.", at: node.character)
    case .texts, .list:
      throw ExpressionFault("Lists are compared with `in` or `overlaps`.", at: node.character)
    case .point:
      throw ExpressionFault("Places are compared by distance(a, b).", at: node.character)
    }
  }

  private mutating func membership(_ left: SyntaxNode, _ right: SyntaxNode, _ node: SyntaxNode)
    throws(ExpressionFault)
  {
    if case .list(let elements) = right.kind {
      let elementType = type(of: left) ?? elements.first.flatMap { type(of: $0) } ?? .text
      if elementType == .number {
        numberLists.append(
          try elements.map { element throws(ExpressionFault) in try numberConstant(element) })
        try number(left)
        return try emit(.numberInList(numberLists.count - 1), at: node)
      }
    }
    if type(of: left) == .texts {
      throw ExpressionFault(
        "A list is on the left; write `overlaps` to ask for common texts.", at: node.character)
    }
    try emit(.textInTexts(textSource(left), textsSource(right)), at: node)
  }

  private func numberConstant(_ node: SyntaxNode) throws(ExpressionFault) -> Double {
    switch node.kind {
    case .number(let number): return number
    case .negate(let inner):
      if case .number(let number) = inner.kind { return -number }
    case .call("time", let arguments): return try Self.time(arguments, node)
    default: break
    }
    throw ExpressionFault("A list of numbers holds only numbers written out.", at: node.character)
  }
}

extension String {
  /// With its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
