import Locking
import Synchronization
import Vocabulary

extension LiveTenant {
  /// Applies one change of this tenant, exactly once per entity: an entity whose position is not below
  /// `position` is left alone.
  ///
  /// A new item beyond `Limits.itemsMax` is not recorded, nor is anybody's contact with it; ingestion refuses
  /// it before it gets into the log.
  /// REQUIRES: the writer thread; positions in log order.
  package func apply(_ change: LogEntry.Change, at position: Position, ingestTime: Timestamp) {
    switch change {
    case .event(let event): apply(event, at: position)
    case .putItem(let item): put(item, at: position)
    case .deleteItem(let id): delete(id, at: position)
    case .putUser(let profile):
      users.update(profile.id) { record in
        guard record.position < position else { return false }
        record.profile = profile
        record.position = position
        return true
      }
    }
  }

  private func apply(_ event: Event, at position: Position) {
    let weight = weights[event.type]
    let seconds = UInt32(clamping: event.time.seconds)
    var index: ItemIndex?
    if let id = event.item {
      index = items.withLock { table in
        guard let index = findOrAdd(id, at: position, in: &table) else { return nil }
        table.isAhead = true
        table.count(event.type, at: seconds, isPositive: weight > 0, index, position)
        return index
      }
    }
    let isNew = users.update(event.user) { record in
      guard record.position < position else { return false }
      record.position = position
      record.eventCount &+= 1
      if let index {
        record.apply(event.type, to: index, seconds: seconds, value: event.value, weight: weight)
      }
      return true
    }
    if isNew { eventCount.add(1, ordering: .relaxed) }
  }

  private func put(_ item: Item, at position: Position) {
    items.withLock { table in
      guard let index = findOrAdd(item.id, at: position, in: &table) else { return }
      table.isAhead = true
      table.put(item, index, position)
    }
  }

  /// Deleting what was never seen leaves no trace: there is nothing to hide.
  private func delete(_ id: ItemIdentifier, at position: Position) {
    guard let index = directory.index(of: id) else { return }
    items.withLock { table in
      table.isAhead = true
      table.delete(index, position)
    }
  }

  /// The item's index, a new one if it has none; nil if the table is full.
  private func findOrAdd(_ id: ItemIdentifier, at position: Position, in table: inout ItemTable) -> ItemIndex?
  {
    if let index = directory.index(of: id) { return index }
    guard let index = table.add(id, at: position) else { return nil }
    directory.insert(id, index)
    return index
  }

  /// Makes everything applied so far visible: a new catalogue if items changed, and for the first group of a second
  /// trends, counts and bundles. Then tells the observers. O(changed chunks of the catalogue).
  /// REQUIRES: the writer thread, after a whole commit group.
  /// - Parameter now: nanoseconds at which the group was taken in; never before those of an earlier one.
  package func publish(through position: Position, now: UInt64 = ContinuousNanoseconds.now) {
    // Lock order: the table, then what is published; the store thread refreshes lists in the same order.
    let changed = items.withLock { table in
      let changed = table.isChanged ? table.newestTouched : []
      let catalogue = table.publishCatalogue()
      let begins = table.refresh.begins(now)
      // Made outside of the readers' lock: only the writer and the store thread change it, under the table's.
      var fresh = published.withLock { $0 }
      if let catalogue { fresh.catalogue = catalogue }
      // What the last second before the start began with: lists of then are told of for a second only.
      if begins { begun.withLock { $0 = nil } }
      if begins || !table.refresh.isPending {
        table.refreshLists(through: position, into: &fresh) { directory.index(of: $0) }
      } else {
        fresh.counted = table.refresh.unchanged(fresh.counted, through: position)
      }
      fresh.position = max(fresh.position, position)
      table.isAhead = false
      published.withLock { $0 = fresh }
      return changed
    }
    if !changed.isEmpty { tellObservers(changed) }
  }

  private func tellObservers(_ changed: [ItemIndex]) {
    let known = observers.withLock { $0 }
    if known.isEmpty { return }
    let keeps = known.map { $0(changed) }
    guard keeps.contains(false) else { return }
    // Others may have come meanwhile, behind these.
    observers.withLock { list in
      list = list.indices.filter { $0 >= keeps.count || keeps[$0] }.map { list[$0] }
    }
  }
}
