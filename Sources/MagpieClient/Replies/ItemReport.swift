/// What the daemon knows of one item.
public struct ItemReport: Sendable, Hashable {
  /// As asked for.
  public var id: String
  /// Nil if no catalogue entry exists.
  public var item: Item?
  /// Known from events only: no entry was ever put, or it was deleted.
  public var isDeleted = false
  /// Events about it.
  public var events: UInt64 = 0

  /// An empty report.
  public init(id: String) { self.id = id }
}

/// One event of a user's recent history.
public struct HistoryRow: Sendable, Hashable {
  /// What was done.
  public var type: EventType
  /// To what.
  public var item: String
  /// The item's title, or empty.
  public var title: String
  /// When, microseconds since 1970.
  public var timeMicroseconds: Int64
  /// The event's value.
  public var value: Float

  /// Makes a row.
  public init(type: EventType, item: String, title: String = "", timeMicroseconds: Int64, value: Float) {
    self.type = type
    self.item = item
    self.title = title
    self.timeMicroseconds = timeMicroseconds
    self.value = value
  }
}

/// What the daemon knows of one user.
public struct UserReport: Sendable, Hashable {
  /// What was put.
  public var profile: UserProfile
  /// Newest first.
  public var history: [HistoryRow] = []
  /// Distinct items remembered.
  public var items: UInt64 = 0

  /// An empty report.
  public init(profile: UserProfile) { self.profile = profile }
}
