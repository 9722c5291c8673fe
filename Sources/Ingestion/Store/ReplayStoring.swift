import Locking
import Storage
import Synchronization
import Vocabulary

/// Rounds of storing while the log is replayed, on a thread of their own: replay goes on meanwhile. Most are of the
/// identifiers of events only, which are written once each; users and items are written in the whole rounds in between.
final class ReplayStoring: Sendable {
  private let behind: WriteBehind
  private let fault = Locked<StorageFault?>(nil)
  private let isOver = Atomic<Bool>(false)
  private let isWholeWanted = Atomic<Bool>(false)
  private let wanted = Bell()
  private let done = Bell()
  private let thread = Locked<WorkerThread?>(nil)

  /// - Parameter isThreaded: false makes each round on the caller's thread. So does a system without threads to be had.
  init(_ behind: WriteBehind, isThreaded: Bool) {
    self.behind = behind
    guard isThreaded else { return }
    thread.withLock { $0 = WorkerThread("magpie-replay") { [self] in work() } }
  }

  private func work() {
    while true {
      wanted.wait(milliseconds: 1_000)
      if isOver.load(ordering: .acquiring) { return }
      do throws(StorageFault) {
        try turn()
      } catch {
        fault.withLock { $0 = error }
        done.ring()
        return
      }
      done.ring()
    }
  }

  private func turn() throws(StorageFault) {
    if isWholeWanted.exchange(false, ordering: .acquiringAndReleasing) {
      try behind.round()
    } else {
      try behind.storeEvents()
    }
  }

  /// Has a round made, and waits while more than `backlogMax` events are replayed and not stored.
  /// - Parameter isWhole: whether users and items are stored as well.
  /// - Throws: what a round threw.
  func round(isWhole: Bool, backlogMax: Int) throws(StorageFault) {
    if isWhole { isWholeWanted.store(true, ordering: .releasing) }
    guard thread.withLock({ $0 != nil }) else { return try turn() }
    wanted.ring()
    while behind.path.unstored.count > backlogMax {
      try check()
      done.wait(milliseconds: 100)
      wanted.ring()
    }
    try check()
  }

  func check() throws(StorageFault) {
    if let fault = fault.withLock({ $0 }) { throw fault }
  }

  /// Waits for the round under way. Rounds are the caller's again. Idempotent.
  func end() {
    isOver.store(true, ordering: .releasing)
    wanted.ring()
    let worker = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    worker?.join()
  }
}
