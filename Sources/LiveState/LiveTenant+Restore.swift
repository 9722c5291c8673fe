import Locking
import Synchronization
import Vocabulary

/// Stored records that contradict each other: the state on disk was not written by this program, or damaged.
package struct RestoreFault: Error, Sendable {
  /// One sentence: which records disagree.
  package let message: String
}

extension LiveTenant {
  /// Takes over an item as it was stored, in any order of indices.
  /// REQUIRES: one thread for items, which may be another than that for users; before any `apply`.
  /// - Throws: `RestoreFault` if the index or the identifier is taken, or the index is beyond
  ///   `Limits.itemsMax`.
  package func restore(_ record: ItemRecord) throws(RestoreFault) {
    try items.withLock { (table) throws(RestoreFault) in try table.restore(record) }
    guard directory.insert(record.id, record.index) else {
      throw RestoreFault(message: "Item \(record.id.text) is stored twice.")
    }
  }

  /// Takes over a user as stored. Whether the items that the user refers to are there is looked at in the end, so that
  /// users and items can be restored at the same time.
  /// REQUIRES: one thread for users; before any `apply`.
  /// - Throws: `RestoreFault` if the user is known already.
  package func restore(_ record: UserRecord) throws(RestoreFault) {
    var highest: UInt32?
    for event in record.history { highest = max(highest ?? 0, event.item.value) }
    for item in record.items { highest = max(highest ?? 0, item.item.value) }
    for rating in record.ratings { highest = max(highest ?? 0, rating.item.value) }
    for impression in record.impressions { highest = max(highest ?? 0, impression.item.value) }
    if let highest {
      restoredReach.withLock { reach in
        if reach.map({ $0.index < highest }) ?? true { reach = (highest, record.profile.id) }
      }
    }
    guard users.restore(record) else {
      throw RestoreFault(message: "User \(record.profile.id.text) is stored twice.")
    }
    eventCount.add(record.eventCount, ordering: .relaxed)
  }

  /// Ends the restoring and publishes what was restored.
  /// - Throws: `RestoreFault` if an index below the highest one has no item, or a user refers to an item that was not
  ///   restored.
  package func finishRestore(through position: Position) throws(RestoreFault) {
    let reach = restoredReach.withLock { $0 }
    try items.withLock { (table) throws(RestoreFault) in
      try table.checkDense()
      if let reach, Int(reach.index) >= table.count {
        throw RestoreFault(message: "User \(reach.user.text) refers to an item that is not stored.")
      }
    }
    // Of no second: the first group of the replay begins one.
    publish(through: position, now: 0)
  }

  /// Notes that a whole commit group was applied again. The first group of the log's last second makes trends, counts and
  /// bundles as it did when it came, and these are kept beside those of the end: lists of before the start may
  /// rest on either.
  /// REQUIRES: the writer thread, during a replay.
  /// - Parameters:
  ///   - now: nanoseconds at which the group was taken in.
  ///   - isLast: whether this is the last second of the log.
  package func replayed(through position: Position, now: UInt64, isLast: Bool) {
    items.withLock { table in
      guard table.refresh.begins(now), isLast else { return }
      var fresh = published.withLock { $0 }
      table.refreshLists(through: position, into: &fresh) { directory.index(of: $0) }
      published.withLock { $0 = fresh }
      begun.withLock { $0 = fresh }
    }
  }

  /// Ends the replay and publishes all of it, however short a time ago `finishRestore` published: otherwise the first
  /// answers after a start would not know of trends in what was replayed.
  /// REQUIRES: the writer thread, before anything is read or written.
  package func finishReplay(through position: Position) {
    items.withLock { table in
      // What the second began with holds until the first change that came after it.
      begun.withLock { begun in
        if let old = begun { begun?.counted = table.refresh.unchanged(old.counted, through: position) }
      }
      var fresh = published.withLock { $0 }
      table.refreshLists(through: position, into: &fresh) { directory.index(of: $0) }
      published.withLock { $0 = fresh }
    }
    // Of no second: the next group begins one.
    publish(through: position, now: 0)
  }
}
