/// An expression as it is written, before anybody knows the types of its parts.
struct SyntaxNode: Sendable {
  indirect enum Kind: Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)
    case list([SyntaxNode])
    case field(FieldName)
    case not(SyntaxNode)
    case negate(SyntaxNode)
    case binary(BinaryOperator, SyntaxNode, SyntaxNode)
    case call(String, [SyntaxNode])
  }

  var kind: Kind
  /// Where it begins; for an operator with two sides, the operator itself.
  var character: Int
}

/// Something of an item, of the user, or of the request.
package struct FieldName: Sendable, Hashable {
  package enum Owner: String, Sendable, Hashable, CaseIterable {
    case item, user, context
  }

  package var owner: Owner
  package var name: String
  /// Written `item["name"]`: a free attribute, also if a built-in field has the same name.
  package var isQuoted: Bool

  package init(_ owner: Owner, _ name: String, isQuoted: Bool = false) {
    self.owner = owner
    self.name = name
    self.isQuoted = isQuoted
  }

  /// As it would be written.
  package var text: String { isQuoted ? "\(owner.rawValue)[\"\(name)\"]" : "\(owner.rawValue).\(name)" }
}

enum BinaryOperator: Sendable, Hashable {
  case or, and
  case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
  case isIn, overlaps
  case coalesce
  case add, subtract, multiply, divide, remainder

  /// The larger binds the tighter. Comparisons do not chain: `a < b < c` is refused.
  var strength: Int {
    switch self {
    case .or: 1
    case .and: 2
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .overlaps: 4
    case .coalesce: 5
    case .add, .subtract: 6
    case .multiply, .divide, .remainder: 7
    }
  }
}
