import Locking
import Vocabulary

/// From an item's identifier to its index, for readers on any thread: split by hash, so that looking up waits
/// at most for one insertion.
final class ItemDirectory: Sendable {
  /// As many as for users, for the same reason.
  private static let shardCount = 1024

  private let shards: [Locked<[ItemIdentifier: ItemIndex]>]

  init() {
    shards = (0..<Self.shardCount).map { _ in Locked([:]) }
  }

  private func shard(of id: ItemIdentifier) -> Locked<[ItemIdentifier: ItemIndex]> {
    shards[Int(truncatingIfNeeded: StableHash.of(id.bytes) % UInt64(Self.shardCount))]
  }

  /// O(1).
  func index(of id: ItemIdentifier) -> ItemIndex? { shard(of: id).withLock { $0[id] } }

  /// Returns false if `id` was there. REQUIRES: the writer thread.
  @discardableResult
  func insert(_ id: ItemIdentifier, _ index: ItemIndex) -> Bool {
    shard(of: id).withLock { $0.updateValue(index, forKey: id) == nil }
  }
}
