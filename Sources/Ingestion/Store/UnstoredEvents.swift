import Locking
import Storage
import Synchronization
import Vocabulary

/// Identifiers of events that are in the log but not in LevelDB yet: put by the committer, taken by the store
/// thread.
final class UnstoredEvents: Sendable {
  struct Row: Sendable {
    var tenant: TenantName
    var id: EventIdentifier
    var record: EventRecord
  }

  private let rows = Locked<[Row]>([])
  /// Rows put and not yet written, including those the store thread is writing.
  private let backlog = Atomic<Int>(0)

  var count: Int { backlog.load(ordering: .relaxed) }

  func put(_ new: [Row]) {
    guard !new.isEmpty else { return }
    rows.withLock { $0.append(contentsOf: new) }
    backlog.add(new.count, ordering: .relaxed)
  }

  func take() -> [Row] {
    rows.withLock { rows in
      var taken: [Row] = []
      swap(&taken, &rows)
      return taken
    }
  }

  /// Tells that this many of the taken ones are written.
  func wrote(_ count: Int) { backlog.subtract(count, ordering: .relaxed) }
}
