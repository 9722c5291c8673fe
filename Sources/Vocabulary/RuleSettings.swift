/// What a scenario lets pass and what it prefers: expressions of docs/expressions.md, as they were written. The
/// configuration compiles them before it takes them, so they are valid wherever they came from.
package struct RuleSettings: Sendable, Hashable {
  /// Only items for which this is true; empty lets all pass.
  package var filter = ""
  /// Multiplied onto the score; empty is one everywhere.
  package var boost = ""
  package init() {}
}

/// When something a user already had may come back.
package struct SeenSettings: Sendable, Hashable {
  /// Days for which what was seen stays hidden; 0 means for ever.
  package var hideDays = 0.0
  /// Items that may be shown again at any time, such as `item.consumable`; empty means none.
  package var repeatable = ""
  package init() {}
}

/// When something that was shown in vain is held back.
package struct FatigueSettings: Sendable, Hashable {
  /// Impressions since the newest positive event that tire; 0 means never.
  package var impressions = 0
  /// Days for which an impression counts.
  package var days = 7.0
  /// What the score of a tired item is multiplied with; 0 leaves it out of the list.
  package var factor = 0.0
  package init() {}
}
