import Locking
import Synchronization
import Vocabulary

/// The live state of one tenant.
///
/// Threads:
/// 1. One writer calls `restore`, then `apply` and `publish`, never two at once.
/// 2. One store thread calls `drainDirty`, at any time.
/// 3. Any thread reads. A reader waits at most for one change to one user or for one reference to be swapped.
///
/// Invariants:
/// 1. Indices are dense, given in order of first appearance in the log and never reused.
/// 2. An index exists in the item table before any user refers to it.
/// 3. A change is applied to an entity only if the entity's position is below the change's: applying any part
///    of the log again alters nothing.
/// 4. A published catalogue never changes. Users may be ahead of it, so an index found in a user or by
///    `itemIndex` may lie beyond `Catalogue.count`; readers pass over it.
package final class LiveTenant: Sendable {
  package let name: TenantName
  /// What `UserItem.weight` was summed with.
  package let weights: EventWeights
  let users = UserTable()
  let directory = ItemDirectory()
  let items = Locked(ItemTable())
  let published = Locked(Published())
  /// What the last second began with, where a start replayed it: what lists of before the start may rest on.
  let begun = Locked<Published?>(nil)
  let eventCount = Atomic<UInt64>(0)
  let observers = Locked([ItemObserver]())
  /// The highest index that a restored user refers to, and who it is.
  let restoredReach = Locked<(index: UInt32, user: UserIdentifier)?>(nil)

  /// Told which items were put, deleted or seen for the first time, on the writer's thread, once the catalogue that shows
  /// it is published and before anybody is told that it is; an item may be named twice. Returns whether it wants to be told
  /// again.
  package typealias ItemObserver = @Sendable (_ changed: [ItemIndex]) -> Bool

  /// What readers see without touching the item table.
  package struct Published: Sendable {
    package internal(set) var catalogue = Catalogue()
    package internal(set) var trending = RankedItems()
    package internal(set) var categoryTrends = CategoryTrends()
    package internal(set) var bundles = BundleIndex()
    package internal(set) var counts = ItemCounts()
    /// Everything of this tenant up to here is contained, and in the catalogue nothing else.
    package internal(set) var position = Position.zero
    /// Of which positions trends, counts and bundles are.
    package internal(set) var counted = CountedPositions()

    /// The same with the trends, counts and bundles of another moment.
    package func counted(as other: Published) -> Published {
      var mixed = self
      (mixed.trending, mixed.categoryTrends) = (other.trending, other.categoryTrends)
      (mixed.counts, mixed.bundles, mixed.counted) = (other.counts, other.bundles, other.counted)
      return mixed
    }
  }

  init(name: TenantName, weights: EventWeights) {
    self.name = name
    self.weights = weights
  }

  /// Adds an observer. What it takes, every later put waits for.
  package func observeItems(_ observer: @escaping ItemObserver) {
    observers.withLock { $0.append(observer) }
  }

  // MARK: Readers

  /// Everything below as last published, all of one moment. Bundles and counts are at most about a second behind, like
  /// trends. O(1), one turn at the lock.
  package func lists() -> Published { published.withLock { $0 } }

  /// The same with trends, counts and bundles as they were at a position, nil where those are not to be had any more.
  package func lists(countedAt position: Position) -> Published? {
    let lists = lists()
    if lists.counted.contains(position) { return lists }
    guard let begun = begun.withLock({ $0 }), begun.counted.contains(position) else { return nil }
    return lists.counted(as: begun)
  }

  /// The catalogue as last published: immutable. O(1).
  package func catalogue() -> Catalogue { published.withLock { $0.catalogue } }

  /// Items by decayed count of positive events, best first, at most `Limits.rankedItemsMax`. At most about a
  /// second behind. O(1).
  package func trending() -> RankedItems { published.withLock { $0.trending } }

  /// Position of the last `publish`: everything of this tenant up to here is visible. O(1).
  package var position: Position { published.withLock { $0.position } }

  /// What is known of a user, or nil if nothing is. O(1): the arrays are shared until the writer changes them.
  package func user(_ id: UserIdentifier) -> UserState? { users.state(of: id) }

  /// The index of an item that was put or had an event, deleted ones included. O(1).
  package func itemIndex(_ id: ItemIdentifier) -> ItemIndex? { directory.index(of: id) }

  /// Everything kept of one item, ahead of the catalogue by what is not published yet; nil if the index was
  /// never given. Waits for the writer's current change: for single look-ups, not for loops.
  package func item(_ index: ItemIndex) -> ItemRecord? { items.withLock { $0.record(at: index) } }

  /// Users and items known, deleted items included, and events applied since the directory was made.
  package var counts: (users: Int, items: Int, events: UInt64) {
    (users.count, items.withLock { $0.count }, eventCount.load(ordering: .relaxed))
  }
}
