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

  /// An event loop's own copy of what reads need, so that a request costs one load of a counter that seldom
  /// changes, and no reference count that other cores write, too.
  struct Cached {
    fileprivate var changes: UInt64 = .max
    fileprivate(set) var reading = ReadingSettings()
    fileprivate(set) var experiments = ExperimentTable()
    fileprivate(set) var configurationHash: UInt64 = 0
  }

  func refresh(_ cached: inout Cached) {
    let now = changes.load(ordering: .acquiring)
    guard now != cached.changes else { return }
    // If another change comes between, the counter differs again at the next request.
    cached.changes = now
    let current = current
    cached.reading = current.settings.reading
    // A dictionary of its own.
    cached.reading.sourceWeights = Dictionary(
      uniqueKeysWithValues: current.settings.reading.sourceWeights.map { ($0.key, $0.value) })
    cached.experiments = ExperimentTable(current.settings.experiments)
    cached.configurationHash = current.configurationHash
  }
}
