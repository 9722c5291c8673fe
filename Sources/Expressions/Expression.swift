import Vocabulary

/// A filter or a boost: compiled once, evaluated for many items.
///
/// ```
/// item.price < 20 and "books" in item.categories and not item.adult
/// if(item.age < 7d, 1.5, 1) * (item.margin ?? 1)
/// ```
///
/// Typed: each part is a number, a text, a flag, a list of texts or a place, and a mistake is found when the expression
/// is compiled. Missing values: a number that is missing makes every comparison with it false (and `!=` true) and
/// every sum with it missing; a text equals nothing; a flag is false; a list is empty. A value of another type than
/// the place asks for counts as missing. docs/expressions.md is the language.
///
/// Compilation is linear in the text; evaluation runs each instruction at most once, allocates nothing, and cannot
/// fail.
package struct Expression: Sendable {
  /// What comes out.
  package enum Purpose: Sendable, Hashable {
    /// True or false.
    case filter
    /// A number.
    case number
  }

  /// As it was written.
  package let source: String
  package let purpose: Purpose
  /// Whose fields it reads. One that reads only the item, and not the time, says the same to everybody.
  package let owners: Set<FieldName.Owner>
  package let readsTime: Bool
  let program: Program

  /// Compiles.
  /// - Throws: what is wrong, and at which character.
  package init(_ source: String, purpose: Purpose) throws(ExpressionFault) {
    let tree = try Parser.parse(source)
    var compiler = Compiler()
    switch purpose {
    case .filter: try compiler.flag(tree)
    case .number: try compiler.number(tree)
    }
    self.source = source
    self.purpose = purpose
    owners = compiler.owners
    readsTime = compiler.readsTime
    program = Program(compiler)
  }

  /// Whether a filter lets the item pass. REQUIRES: `purpose` is `filter`.
  package func passes(_ input: borrowing ExpressionInput) -> Bool { program.run(input) == 1 }

  /// The number, nil where it is missing or not finite. REQUIRES: `purpose` is `number`.
  package func value(_ input: borrowing ExpressionInput) -> Double? {
    let value = program.run(input)
    return value.isFinite ? value : nil
  }
}
