/// Which segments one user's list of popular items is mixed from, and in what shares. The trainer's measurement and the
/// read path use the same.
///
///     score(i) = Σ_s weight(s) · score_s(i) / best score of s
///
/// The values of the user's attributes weigh `attributesWeight` together. The categories of the newest `historyItems`
/// items they touched weigh `categoriesWeight` together: the best `categoriesMax` of them, each by Σ decay^age /
/// (categories of the item). Memory is kept from one use to the next.
package struct SegmentMix: Sendable {
  /// Distinct items of the history that are looked at, newest first.
  package static let historyItems = 10
  /// How much less each older one counts than the one after it.
  package static let decay: Float = 0.8
  /// Categories mixed in at most.
  package static let categoriesMax = 3
  package static let attributesWeight: Float = 1
  package static let categoriesWeight: Float = 1

  /// One segment of the mix.
  package struct Part: Sendable, Hashable {
    package var segment: Int
    package var weight: Float
  }

  /// Attributes first, then categories from the heaviest on. Complete after `settle`.
  package private(set) var parts: [Part] = []
  private var touched: [Part] = []

  package init() {}

  /// Forgets everything.
  package mutating func begin() {
    parts.removeAll(keepingCapacity: true)
    touched.removeAll(keepingCapacity: true)
  }

  /// Adds the segment of a value of one of the user's attributes.
  package mutating func add(attribute segment: Int) { parts.append(Part(segment: segment, weight: 0)) }

  /// Adds a category of the item touched `age` distinct items ago.
  /// REQUIRES: count >= 1, the categories of that item.
  package mutating func touch(category segment: Int, age: Int, count: Int) {
    var weight = 1 / Float(count)
    for _ in 0..<age { weight *= Self.decay }
    for place in touched.indices where touched[place].segment == segment {
      touched[place].weight += weight
      return
    }
    touched.append(Part(segment: segment, weight: weight))
  }

  /// Gives every segment its share. O(categories touched).
  package mutating func settle() {
    let attributes = parts.count
    for place in parts.indices { parts[place].weight = Self.attributesWeight / Float(attributes) }
    var sum: Float = 0
    while parts.count < attributes + Self.categoriesMax, let best = heaviest() {
      parts.append(touched[best])
      sum += touched[best].weight
      touched[best].weight = 0
    }
    for place in attributes..<parts.count { parts[place].weight *= Self.categoriesWeight / sum }
  }

  /// Of equal ones the lower number.
  private func heaviest() -> Int? {
    var best: Int?
    for place in touched.indices where touched[place].weight > 0 {
      guard let other = best else {
        best = place
        continue
      }
      let isHeavier = touched[place].weight > touched[other].weight
      let isEqual = touched[place].weight == touched[other].weight
      if isHeavier || (isEqual && touched[place].segment < touched[other].segment) { best = place }
    }
    return best
  }
}
