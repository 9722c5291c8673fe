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

  /// The writer refreshes the trending list, the bundles and the counts only while something arrives; this catches up after the last
  /// of it.
  private func refreshOverdueLists() {
    items.withLock { table in
      let now = ContinuousNanoseconds.now
      let trending = table.refreshTrending(now: now)
      let bundles = table.refreshBundles(now: now) { directory.index(of: $0) }
      let counts = table.refreshCounts(now: now)
      if trending == nil, bundles == nil, counts == nil { return }
      published.withLock { published in
        if let trending { (published.trending, published.categoryTrends) = trending }
        if let bundles { published.bundles = bundles }
        if let counts { published.counts = counts }
      }
    }
  }
}
