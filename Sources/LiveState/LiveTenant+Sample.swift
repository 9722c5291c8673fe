import Vocabulary

extension LiveTenant {
  /// Some users who have done something, at most so many; the same ones as long as nothing changes. For looking at what
  /// a generation would tell them. O(parts of the table + users looked at).
  package func users(withHistory count: Int) -> [UserIdentifier] { users.withHistory(count) }
}
