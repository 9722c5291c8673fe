import Expressions
import LiveState
import Vocabulary

/// What each filter of a request says of single items, and which part of it does not hold. Parts are cut and compiled once
/// for a reply.
struct FilterTraces {
  private let filters: [(origin: FilterOrigin, parts: [Expression.Part])]

  init(_ rules: RequestRules) { filters = rules.filters.map { ($0.origin, $0.expression.parts) } }

  /// One for each filter. REQUIRES: the catalogue and rules of the request, and that the catalogue contains the item.
  func decisions(_ item: ItemIndex, _ catalogue: Catalogue, _ rules: RequestRules) -> [FilterTrace] {
    filters.map { filter in
      guard let part = filter.parts.first(where: { !rules.isTrue($0.expression, of: item, catalogue) }) else {
        return FilterTrace(filter.origin, passes: true)
      }
      var trace = FilterTrace(filter.origin, passes: false)
      trace.part = String(part.expression.source.prefix(Limits.tracedPartCharacters))
      trace.character = UInt32(clamping: part.character)
      return trace
    }
  }
}
