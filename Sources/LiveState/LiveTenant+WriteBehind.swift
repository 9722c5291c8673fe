import Locking
import Vocabulary

extension LiveTenant {
  /// What changed since it was last drained.
  package struct Dirty: Sendable {
    package var users: [UserRecord] = []
    package var items: [ItemRecord] = []
    /// Whether every user that was dirty when the call began is contained.
    package var isComplete = true
  }

  /// Copies what changed since the last call and marks it clean: at most `usersMax` users, then all items.
  ///
  /// Users come first so that every index a drained user refers to was drained with it or before (invariant
  /// 2). So: read the applied position, drain and write until a drain is complete, and let the last batch
  /// carry that position. Records may already be newer than it; replay passes over them by their positions.
  /// REQUIRES: one store thread. O(changed).
  package func drainDirty(usersMax: Int) -> Dirty {
    var dirty = Dirty()
    dirty.isComplete = users.drainDirty(into: &dirty.users, max: usersMax)
    dirty.items = items.withLock { $0.drainDirty() }
    refreshOverdueLists()
    return dirty
  }

  /// The writer makes trends, counts and bundles only when something arrives; this catches up after the last of it. Not
  /// while a group is being applied: part of one is no position.
  private func refreshOverdueLists() {
    items.withLock { table in
      guard !table.isAhead, table.refresh.isOverdue(ContinuousNanoseconds.now) else { return }
      var fresh = published.withLock { $0 }
      table.refreshLists(through: fresh.position, into: &fresh) { directory.index(of: $0) }
      published.withLock { $0 = fresh }
    }
  }
}
