import Locking
import Synchronization
import Vocabulary

/// The settings in force, which SIGHUP may change while requests are answered.
final class InForce: Sendable {
  struct Values: Sendable {
    var settings: Settings
    /// `Configuration.hash` of these settings, for replies.
    var configurationHash: UInt64
  }

  private let values: Locked<Values>
  /// Grows with each change; event loops compare it with what they cached.
  private let changes = Atomic<UInt64>(0)

  init(_ values: Values) { self.values = Locked(values) }

  /// By way of a lock: for everything but the read path.
  var current: Values { values.withLock { $0 } }

  func change(to next: Values) {
    values.withLock { $0 = next }
    changes.wrappingAdd(1, ordering: .releasing)
  }

  /// An event loop's own copy, so that a request costs one load of a counter that seldom changes.
  struct Cached {
    fileprivate var changes: UInt64 = .max
    fileprivate(set) var values: Values
  }

  var cached: Cached { Cached(values: current) }

  func refresh(_ cached: inout Cached) {
    let now = changes.load(ordering: .acquiring)
    guard now != cached.changes else { return }
    // If another change comes between, the counter differs again at the next request.
    cached.changes = now
    cached.values = current
  }
}
