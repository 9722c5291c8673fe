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
    publish(through: position)
  }

  /// Ends the replay and publishes all of it, however short a time ago `finishRestore` published: otherwise the first
  /// answers after a start would not know of trends in what was replayed.
  /// REQUIRES: the writer thread, before anything is read or written.
  package func finishReplay(through position: Position, now: UInt64 = ContinuousNanoseconds.now) {
    items.withLock { $0.forgetRefreshes() }
    publish(through: position, now: now)
  }
}
