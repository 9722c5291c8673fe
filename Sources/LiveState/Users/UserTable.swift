import Locking
import Synchronization
import Vocabulary

/// All users of one tenant, split by a hash of the identifier so that a reader waits only for a change to one
/// of a few users, and so that growing one part stays short.
final class UserTable: Sendable {
  /// With ten million users a part holds about 10,000: rehashing it takes about a millisecond.
  private static let shardCount = 1024

  /// Records lie side by side; the table beside them finds their places.
  private struct Shard: Sendable {
    var table = PlaceTable()
    var records: [UserRecord] = []
    var isDirty: [Bool] = []
    var dirty: [Int32] = []

    @inline(__always)
    func place(of id: UserIdentifier, _ hash: UInt32) -> Int? {
      table.find(hash) { records[$0].profile.id == id }
    }

    /// Adds a user who is not there. False if there is no room.
    mutating func append(_ record: UserRecord, _ hash: UInt32) -> Bool {
      guard let place = Int32(exactly: records.count) else { return false }
      table.insert(hash, place)
      records.append(record)
      isDirty.append(false)
      return true
    }
  }

  private let shards: [Locked<Shard>]
  private let userCount = Atomic<Int>(0)
  /// Where the next drain begins, so that a bounded drain does not starve the last parts.
  private let drainStart = Atomic<Int>(0)

  init() {
    shards = (0..<Self.shardCount).map { _ in Locked(Shard()) }
  }

  var count: Int { userCount.load(ordering: .relaxed) }

  private func shard(of id: UserIdentifier) -> Locked<Shard> {
    shards[Int(truncatingIfNeeded: StableHash.of(id.bytes) % UInt64(Self.shardCount))]
  }

  /// O(1).
  func state(of id: UserIdentifier) -> UserState? {
    let hash = PlaceTable.hash(id)
    return shard(of: id).withLock { shard in
      guard let place = shard.place(of: id, hash) else { return nil }
      return UserState(shard.records[place])
    }
  }

  /// Changes a user in place, adding an empty one first if there is none, and marks it dirty if `body` says
  /// that it changed something. Returns what `body` returned.
  @discardableResult
  func update(_ id: UserIdentifier, _ body: (inout UserRecord) -> Bool) -> Bool {
    let hash = PlaceTable.hash(id)
    return shard(of: id).withLock { shard in
      let place: Int
      if let known = shard.place(of: id, hash) {
        place = known
      } else {
        place = shard.records.count
        guard shard.append(UserRecord(id: id), hash) else { return false }
        userCount.add(1, ordering: .relaxed)
      }
      guard body(&shard.records[place]) else { return false }
      if !shard.isDirty[place] {
        shard.isDirty[place] = true
        shard.dirty.append(Int32(truncatingIfNeeded: place))
      }
      return true
    }
  }

  /// Users with a history, at most `limit`: of each part those that came first, at most a few of a part looked at.
  func withHistory(_ limit: Int) -> [UserIdentifier] {
    var found: [UserIdentifier] = []
    for shard in shards where found.count < limit {
      shard.withLock { shard in
        for record in shard.records.prefix(16) where !record.history.isEmpty && found.count < limit {
          found.append(record.profile.id)
        }
      }
    }
    return found
  }

  /// Adds a stored user, clean. Returns false if it is there already.
  func restore(_ record: UserRecord) -> Bool {
    let hash = PlaceTable.hash(record.profile.id)
    return shard(of: record.profile.id).withLock { shard in
      guard shard.place(of: record.profile.id, hash) == nil, shard.append(record, hash) else { return false }
      userCount.add(1, ordering: .relaxed)
      return true
    }
  }

  /// Appends at most `max` dirty users and marks them clean. Returns whether every part was emptied.
  func drainDirty(into drained: inout [UserRecord], max limit: Int) -> Bool {
    let start = drainStart.load(ordering: .relaxed)
    for step in 0..<Self.shardCount {
      let number = (start + step) % Self.shardCount
      var room = limit - drained.count
      let isEmpty = shards[number].withLock { shard in
        while let place = shard.dirty.last, room > 0 {
          shard.dirty.removeLast()
          shard.isDirty[Int(place)] = false
          drained.append(shard.records[Int(place)])
          room -= 1
        }
        return shard.dirty.isEmpty
      }
      if !isEmpty {
        drainStart.store(number, ordering: .relaxed)
        return false
      }
    }
    drainStart.store(0, ordering: .relaxed)
    return true
  }
}
