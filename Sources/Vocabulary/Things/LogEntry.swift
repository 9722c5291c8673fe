/// One entry of the log: the unit that has a position. The log is the truth; everything else is derived from it.
package struct LogEntry: Sendable, Hashable {
  package var tenant: TenantName
  package var change: Change

  /// What happened. docs/storage.md holds the kind bytes. An item lies behind a reference: it is by far the largest, and
  /// nearly all changes are events, which are copied several times on their way.
  package enum Change: Sendable, Hashable {
    case event(Event)
    indirect case putItem(Item)
    case deleteItem(ItemIdentifier)
    case putUser(UserProfile)
  }

  package init(tenant: TenantName, change: Change) {
    self.tenant = tenant
    self.change = change
  }
}
