import LiveState
import Vocabulary

/// Everything a read looks at besides the request: taken once, at its beginning, so that one reply never mixes
/// two catalogues or two generations.
package struct ReadContext: Sendable {
  package var tenant: LiveTenant
  package var catalogue: Catalogue
  /// Nil until a generation is served.
  package var view: GenerationView?
  package var trending: RankedItems
  package var categoryTrends: CategoryTrends
  /// Settings and expressions of the request's scenario.
  package var scenario: Scenario
  package var bundles: BundleIndex
  /// Events of each item by type, at most about a second behind.
  package var counts: ItemCounts
  package var settings: ReadingSettings
  package var configurationHash: UInt64
  /// Everything up to here is contained, and of what the tenant published nothing else.
  package var position: Position
  /// The last position of which trends, counts and bundles are those below.
  package var counted: Position
  /// Whether all parts of the state were known to be of `position`. Not so for the moment in which a commit group becomes
  /// visible part by part: a list made then rests on no position alone.
  package var isSettled: Bool
  package var now: Timestamp
  /// Monotonic nanoseconds after which nobody waits.
  package var deadline: UInt64
  package var cancellation: Cancellation
  /// Monotonic nanoseconds at which the request arrived: budgets count from here.
  package var received: UInt64
  /// Share of the configured width that is looked at, above 0 to 1: less while answers come late.
  package var quality = 1.0
  /// What tells the time while the request runs.
  package var clock = ReadClock()

  /// Takes what the tenant has published. O(1).
  /// - Parameters:
  ///   - position: what is known to be visible in all its parts, read before this call; by default what the tenant
  ///     published last.
  ///   - lists: what to look at instead of what was published last.
  package init(
    tenant: LiveTenant, view: GenerationView?, scenario: Scenario, configurationHash: UInt64,
    position: Position? = nil, now: Timestamp, deadline: UInt64, cancellation: Cancellation,
    received: UInt64 = ContinuousNanoseconds.now, lists: LiveTenant.Published? = nil
  ) {
    let lists = lists ?? tenant.lists()
    // A tenant publishes its own groups only, so what is visible may be further on than it; and it publishes a moment
    // before everything of the group is visible.
    self.position = max(position ?? .zero, lists.position)
    isSettled = position.map { $0 >= lists.position } ?? true
    counted = lists.counted.through
    self.tenant = tenant
    self.view = view
    catalogue = lists.catalogue
    (trending, categoryTrends) = (lists.trending, lists.categoryTrends)
    (bundles, counts) = (lists.bundles, lists.counts)
    self.scenario = scenario
    settings = scenario.settings
    self.configurationHash = configurationHash
    self.now = now
    self.deadline = deadline
    self.cancellation = cancellation
    self.received = received
  }

  /// Goes on in another scenario.
  package mutating func enter(_ scenario: Scenario) {
    self.scenario = scenario
    settings = scenario.settings
  }

  /// The same for the default scenario with these settings, whose expressions are compiled here.
  package init(
    tenant: LiveTenant, view: GenerationView?, settings: ReadingSettings, configurationHash: UInt64,
    position: Position? = nil, now: Timestamp, deadline: UInt64, cancellation: Cancellation
  ) {
    self.init(
      tenant: tenant, view: view, scenario: Scenario(settings), configurationHash: configurationHash,
      position: position, now: now, deadline: deadline, cancellation: cancellation)
  }
}
