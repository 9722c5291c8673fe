import Expressions
import Vocabulary

/// Expressions by their text, compiled once: those of requests, which callers repeat, and the filters of scenarios with
/// what they said. The one unused for longest leaves. Belongs to one event loop.
final class ExpressionCache {
  private struct Kept {
    var source: [UInt8]
    var purpose: Expression.Purpose
    var filter: StoredFilter
    var used: UInt64
  }

  private var kept: [Kept] = []
  private var clock: UInt64 = 0

  /// The expression with this text. O(kept) if it is there; compiles it otherwise.
  /// - Parameter compiled: of the same text, where somebody has it already.
  /// - Throws: `expression_invalid` naming `field`, with the character.
  func find(
    _ source: [UInt8], _ purpose: Expression.Purpose, compiled: Expression? = nil, field: String
  ) throws(Fault) -> StoredFilter {
    clock &+= 1
    for place in kept.indices where kept[place].purpose == purpose && kept[place].source == source {
      kept[place].used = clock
      return kept[place].filter
    }
    let expression: Expression
    if let compiled {
      expression = compiled
    } else {
      expression = try Self.compile(source, purpose, field: field)
    }
    let filter = StoredFilter(expression)
    let fresh = Kept(source: source, purpose: purpose, filter: filter, used: clock)
    if kept.count < Limits.compiledExpressionsMax {
      kept.append(fresh)
    } else if let oldest = kept.indices.min(by: { kept[$0].used < kept[$1].used }) {
      kept[oldest] = fresh
    }
    return filter
  }

  private static func compile(
    _ source: [UInt8], _ purpose: Expression.Purpose, field: String
  ) throws(Fault) -> Expression {
    guard source.count <= Limits.expressionBytesMax else {
      throw Fault(
        .textTooLong,
        "\(field) has \(source.count) bytes; at most \(Limits.expressionBytesMax) are allowed.", field: field)
    }
    guard !source.contains(0), let text = String(validating: source, as: UTF8.self) else {
      throw Fault(.textInvalid, "\(field) is not UTF-8 text without zero bytes.", field: field)
    }
    do throws(ExpressionFault) {
      return try Expression(text, purpose: purpose)
    } catch {
      throw Fault(
        .expressionInvalid, "\(field), character \(error.character): \(error.message)", field: field)
    }
  }
}
