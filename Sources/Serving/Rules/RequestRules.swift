import Expressions
import LiveState
import Vocabulary

/// The filters and boosts of one request: the scenario's and its own. Everything is asked of an item at most once for
/// each request; what does not depend on the request, once for each version of the item. Belongs to one event loop.
final class RequestRules {
  private let cache = ExpressionCache()
  /// Those that say the same to everybody, and those that do not.
  private var statics: [StoredFilter] = []
  private var personals: [StoredFilter] = []
  /// The same by where they are written.
  private(set) var filters: [(origin: FilterOrigin, expression: Expression)] = []
  private var boosts: [StoredFilter] = []
  private var repeatable: StoredFilter?
  /// Groups of the scenario's shares that are expressions, by place.
  private var shares: [StoredFilter?] = []
  private var input = RequestRules.nobody
  /// What the personal filters said: the request's number and a bit.
  private var cells: [UInt32] = []
  private var epoch: UInt32 = 0

  private static let nobody = ExpressionInput(
    user: nil, attributes: [:], context: ExpressionContext(seconds: 0))
  private static let epochMax = UInt32.max >> 1
  /// Items asked of one filter for its row mask in one request: a few milliseconds.
  private static let maskBudget = 32_768

  private(set) var hasFilters = false
  var hasBoosts: Bool { !boosts.isEmpty }
  var hasRepeatable: Bool { repeatable != nil }

  /// Lets go of everything of the last request.
  func clear() {
    statics.removeAll(keepingCapacity: true)
    personals.removeAll(keepingCapacity: true)
    filters.removeAll(keepingCapacity: true)
    boosts.removeAll(keepingCapacity: true)
    repeatable = nil
    shares.removeAll(keepingCapacity: true)
    hasFilters = false
    input = Self.nobody
  }

  /// Begins a request.
  /// - Throws: `expression_invalid` for the request's own.
  func begin(
    _ input: ExpressionInput, scenario: Scenario, filter: [UInt8], boost: [UInt8], _ catalogue: Catalogue
  ) throws(Fault) {
    clear()
    self.input = input
    if let compiled = scenario.filter {
      add(
        try cache.find(scenario.filterSource, .filter, compiled: compiled, field: "filter"), .scenario,
        catalogue)
    }
    if !filter.isEmpty { add(try cache.find(filter, .filter, field: "filter"), .request, catalogue) }
    if let compiled = scenario.boost {
      boosts.append(try cache.find(scenario.boostSource, .number, compiled: compiled, field: "boost"))
    }
    if !boost.isEmpty { boosts.append(try cache.find(boost, .number, field: "boost")) }
    if let compiled = scenario.repeatable {
      let found = try cache.find(scenario.repeatableSource, .filter, compiled: compiled, field: "repeatable")
      found.begin(catalogue)
      repeatable = found
    }
    for share in scenario.shareFilters {
      guard let share else {
        shares.append(nil)
        continue
      }
      let found = try cache.find(share.source, .filter, compiled: share.expression, field: "shares")
      found.begin(catalogue)
      shares.append(found)
    }
    guard !personals.isEmpty else { return }
    if epoch == Self.epochMax {
      for index in cells.indices { cells[index] = 0 }
      epoch = 0
    }
    epoch += 1
    if cells.count < catalogue.count {
      cells.append(contentsOf: repeatElement(0, count: catalogue.count - cells.count))
    }
  }

  private func add(_ filter: StoredFilter, _ origin: FilterOrigin, _ catalogue: Catalogue) {
    filter.begin(catalogue)
    filters.append((origin, filter.expression))
    if filter.isStatic { statics.append(filter) } else { personals.append(filter) }
    hasFilters = true
  }

  /// Whether all filters let the item pass. REQUIRES: the catalogue of `begin`, which contains the item.
  func passes(_ item: ItemIndex, _ catalogue: Catalogue) -> Bool {
    for filter in statics where !filter.passes(item, catalogue, &input) { return false }
    if personals.isEmpty { return true }
    let place = Int(item.value)
    if cells[place] >> 1 == epoch { return cells[place] & 1 != 0 }
    var passes = true
    for filter in personals where passes { passes = filter.passes(item, catalogue, &input) }
    cells[place] = epoch << 1 | (passes ? 1 : 0)
    return passes
  }

  /// Whether an expression is true of the item: a filter, or a part of one. REQUIRES: as `passes`.
  func isTrue(_ expression: Expression, of item: ItemIndex, _ catalogue: Catalogue) -> Bool {
    input.entry = catalogue.entry(item)
    input.itemIdentifier = catalogue.identifier(item)
    return expression.passes(input)
  }

  /// Whether the item may be shown although it was seen. REQUIRES: as `passes`.
  func isRepeatable(_ item: ItemIndex, _ catalogue: Catalogue) -> Bool {
    repeatable?.passes(item, catalogue, &input) ?? false
  }

  /// Whether the item belongs to the group of the scenario's share at this place, which is an expression.
  /// REQUIRES: as `passes`.
  func isMember(_ item: ItemIndex, ofShare place: Int, _ catalogue: Catalogue) -> Bool {
    place < shares.count ? shares[place]?.passes(item, catalogue, &input) ?? false : false
  }

  /// What the item's score is multiplied with: the product of all boosts, of which one that is missing counts 1 and a
  /// negative one 0. At most `boostMax`.
  func boost(_ item: ItemIndex, _ catalogue: Catalogue) -> Double {
    input.entry = catalogue.entry(item)
    input.itemIdentifier = catalogue.identifier(item)
    var product = 1.0
    for boost in boosts {
      if let value = boost.expression.value(input) { product *= max(0, value) }
    }
    return min(product, Self.boostMax)
  }

  /// Enough to put anything in front; beyond it scores would lose their last digits.
  static let boostMax = 1e9

  /// Calls `body` for the rows that each filter lets pass, where it is known of all of them.
  func forEachMask(_ view: GenerationView, _ catalogue: Catalogue, _ body: ([UInt16]) -> Void) {
    for filter in statics {
      if let rows = filter.rows(of: view, catalogue, &input, budget: Self.maskBudget) { body(rows) }
    }
  }
}
