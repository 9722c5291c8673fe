/// Places of `Recommend` that are given to new items, by chance and with the chance told.
package struct ExplorationSettings: Sendable, Hashable {
  /// Positions, from 1; none switches exploration off.
  package var slots: [Int] = []
  /// New items that take part, the newest.
  package var items = 50
  /// An item is new for so many days after its creation; one without a time of creation always is.
  package var ageDays = 30.0
  /// An item is new until it was shown so often.
  package var impressions = 100
  package var method = ExplorationMethod.thompson
  /// Share of requests that explore.
  package var rate = 1.0
  package init() {}
}

/// How a new item is chosen for a slot.
package enum ExplorationMethod: String, Sendable, Hashable, CaseIterable {
  /// By the probability that its rate is the best of all (Thompson 1933).
  case thompson
  /// All alike.
  case uniform
}
