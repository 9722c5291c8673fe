import Vocabulary

/// What trends within each category: places in the list of all that trends, best first. Made with that list, at most
/// once a second, so a category has a trend as long as one of its items is among the `Limits.rankedItemsMax` that trend
/// most, and all of them together hold at most `Limits.segmentValuesMax` times as many places.
///
/// Segments of users have none: that would take a count for each item and country.
package struct CategoryTrends: Sendable {
  private var numbers: [String: Int] = [:]
  private var names: [String] = []
  private var lists: [[Int32]] = []

  package init() {}

  /// Adds the item at the next place of the list.
  mutating func add(_ categories: [String], at place: Int) {
    for category in categories.prefix(Limits.segmentValuesMax) {
      let place = Int32(truncatingIfNeeded: place)
      guard let number = numbers[category] else {
        numbers[category] = names.count
        names.append(category)
        lists.append([place])
        continue
      }
      // A category that an item names twice counts once.
      if lists[number].last != place { lists[number].append(place) }
    }
  }

  /// Nil if nothing of the category trends. O(1), allocates nothing.
  package func number(of category: String) -> Int? { numbers[category] }

  /// REQUIRES: a number that `number(of:)` gave.
  package func name(of number: Int) -> String { names[number] }

  /// Ascending places in the trending list, at least one. REQUIRES: a number that `number(of:)` gave.
  package func places(of number: Int) -> [Int32] { lists[number] }
}
