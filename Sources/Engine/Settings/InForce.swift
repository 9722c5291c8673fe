import Locking
import Serving
import Synchronization
import Vocabulary

/// The settings in force, which SIGHUP and `magpie config` may change while requests are answered.
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
    fileprivate(set) var standard = Scenario(ReadingSettings())
    /// All but the default one, sorted by name.
    fileprivate var others: [Scenario] = []
    fileprivate(set) var experiments = ExperimentTable()
    fileprivate(set) var configurationHash: UInt64 = 0
    /// Whether the log wants a line for each read.
    fileprivate(set) var isTalkative = false

    /// The scenario a request names. The default one if there is none of that name: the look step then refuses the
    /// request. O(scenarios), allocates nothing.
    func scenario(_ name: [UInt8]) -> Scenario {
      if name.isEmpty { return standard }
      for scenario in others where scenario.isMeant(by: name) { return scenario }
      return standard
    }
  }

  func refresh(_ cached: inout Cached) {
    let now = changes.load(ordering: .acquiring)
    guard now != cached.changes else { return }
    // If another change comes between, the counter differs again at the next request.
    cached.changes = now
    let current = current
    cached.standard = Scenario(Self.own(current.settings.reading))
    cached.others = current.settings.scenarios.sorted { $0.key.text < $1.key.text }.map { name, settings in
      Scenario(name: Array(name.text.utf8), Self.own(settings))
    }
    cached.experiments = ExperimentTable(current.settings.experiments)
    cached.configurationHash = current.configurationHash
    cached.isTalkative = [.trace, .debug].contains(current.settings.logLevel)
  }

  /// With a dictionary of its own.
  private static func own(_ settings: ReadingSettings) -> ReadingSettings {
    var settings = settings
    settings.sourceWeights = Dictionary(
      uniqueKeysWithValues: settings.sourceWeights.map { ($0.key, $0.value) })
    return settings
  }
}
