import Locking
import Vocabulary

/// From an item's identifier to its index, for readers on any thread: split by hash, so that looking up waits
/// at most for one insertion.
final class ItemDirectory: Sendable {
  /// As many as for users, for the same reason.
  private static let shardCount = 1024

  private struct Shard: Sendable {
    var table = PlaceTable()
    var ids: [ItemIdentifier] = []
    var indices: [ItemIndex] = []

    @inline(__always)
    func index(of id: ItemIdentifier, _ hash: UInt32) -> ItemIndex? {
      table.find(hash) { ids[$0] == id }.map { indices[$0] }
    }
  }

  private let shards: [Locked<Shard>]

  init() {
    shards = (0..<Self.shardCount).map { _ in Locked(Shard()) }
  }

  private func shard(of id: ItemIdentifier) -> Locked<Shard> {
    shards[Int(truncatingIfNeeded: StableHash.of(id.bytes) % UInt64(Self.shardCount))]
  }

  /// O(1).
  func index(of id: ItemIdentifier) -> ItemIndex? {
    let hash = PlaceTable.hash(id)
    return shard(of: id).withLock { $0.index(of: id, hash) }
  }

  /// Returns false, and changes nothing, if `id` was there. REQUIRES: the writer thread.
  @discardableResult
  func insert(_ id: ItemIdentifier, _ index: ItemIndex) -> Bool {
    let hash = PlaceTable.hash(id)
    return shard(of: id).withLock { shard in
      guard shard.index(of: id, hash) == nil, let place = Int32(exactly: shard.ids.count) else {
        return false
      }
      shard.table.insert(hash, place)
      shard.ids.append(id)
      shard.indices.append(index)
      return true
    }
  }
}
