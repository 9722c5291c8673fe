import LiveState
import Locking
import Storage
import Vocabulary

/// Makes live state of the records LevelDB holds: items, users, and a look at every event's record.
///
/// The three have nothing to do with each other until all are there, so each has a thread of its own: reading and
/// checking the records takes longer than getting them from the disk.
struct StateRestore: Sendable {
  let directory: DataDirectory
  let store: StateStore
  let live: LiveState

  private enum Part: Int, CaseIterable {
    case items, users, events
  }

  /// O(state).
  /// - Parameter isThreaded: false does one after the other on the caller's thread, in the same order every time.
  /// - Throws: what the store throws; `corrupt`, noted in the directory, where records contradict each other.
  func run(through applied: Position, isThreaded: Bool) throws(StorageFault) {
    let faults = Locked([StorageFault]())
    let restore: @Sendable (Part) -> Void = { part in
      do throws(StorageFault) {
        try self.restore(part)
      } catch {
        faults.withLock { $0.append(error) }
      }
    }
    var workers: [WorkerThread] = []
    for part in Part.allCases {
      if part != .items, isThreaded, let worker = WorkerThread("magpie-restore", { restore(part) }) {
        workers.append(worker)
      }
    }
    restore(.items)
    for part in Part.allCases.dropFirst(1 + workers.count) { restore(part) }
    for worker in workers { worker.join() }
    // What fenced the store says more than what others met of the fence.
    let found = faults.withLock { $0 }
    if let fault = found.first(where: { $0.kind != .fenced }) ?? found.first { throw fault }
    for tenant in live.tenants {
      try noting(tenant) { () throws(RestoreFault) in try tenant.finishRestore(through: applied) }
    }
  }

  private func restore(_ part: Part) throws(StorageFault) {
    if part == .events { return try store.checkEvents() }
    for tenant in live.tenants {
      if part == .items {
        try store.forEachItem(tenant.name) { (item) throws(StorageFault) in
          try noting(tenant) { () throws(RestoreFault) in try tenant.restore(item) }
        }
      } else {
        try store.forEachUser(tenant.name) { (user) throws(StorageFault) in
          try noting(tenant) { () throws(RestoreFault) in try tenant.restore(user) }
        }
      }
    }
  }

  /// Runs what may find that records contradict each other.
  private func noting(
    _ tenant: LiveTenant, _ body: () throws(RestoreFault) -> Void
  ) throws(StorageFault) {
    do throws(RestoreFault) {
      try body()
    } catch {
      throw damaged("The stored state of tenant \(tenant.name.text) contradicts itself: \(error.message)")
    }
  }

  /// Damage that LevelDB does not see; noted, so that the next attempt makes the state anew. Where it cannot be noted, that is
  /// what has to be put right first.
  func damaged(_ finding: String) -> StorageFault {
    do throws(StorageFault) {
      try directory.markStateDamaged(finding)
    } catch {
      return error
    }
    return StorageFault(.corrupt, file: directory.statePath, finding)
  }
}
