/// A counter for each of a fixed set of keys, all of them present from the beginning: a series that appears only
/// with its first increment hides that increment from every rate.
package final class CounterTable<Key: Hashable & Sendable>: Sendable {
  package let keys: [Key]
  private let places: [Key: Int]
  private let counters: [Counter]

  /// - Parameter keys: every key there will be; a repeated one counts once.
  package init(_ keys: [Key]) {
    self.keys = keys
    places = Dictionary(keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    counters = keys.map { _ in Counter() }
  }

  /// One look-up and one addition. A key that is not in the table is not counted.
  package func add(_ key: Key, _ amount: UInt64 = 1) {
    if let place = places[key] { counters[place].add(amount) }
  }

  package func value(of key: Key) -> UInt64 { places[key].map { counters[$0].value } ?? 0 }
}

extension CounterTable where Key: CaseIterable {
  package convenience init() { self.init(Array(Key.allCases)) }
}

extension CounterTable {
  /// The counts of several tables over the same keys, added up.
  package static func sum(_ tables: [CounterTable], of key: Key) -> UInt64 {
    tables.reduce(0) { $0 &+ $1.value(of: key) }
  }
}
