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
  /// Events of each item by type, at most about a second behind.
  package var counts: ItemCounts
  package var settings: ReadingSettings
  package var configurationHash: UInt64
  /// Everything up to here is contained. Taken before the rest, so that it never promises too much.
  package var position: Position
  package var now: Timestamp
  /// Monotonic nanoseconds after which nobody waits.
  package var deadline: UInt64
  package var cancellation: Cancellation

  /// Takes what the tenant has published. O(1).
  /// - Parameter position: what is known to be visible; by default what the tenant published last.
  package init(
    tenant: LiveTenant, view: GenerationView?, settings: ReadingSettings, configurationHash: UInt64,
    position: Position? = nil, now: Timestamp, deadline: UInt64, cancellation: Cancellation
  ) {
    self.position = position ?? tenant.position
    self.tenant = tenant
    self.catalogue = tenant.catalogue()
    self.view = view
    (self.trending, self.categoryTrends) = tenant.trends()
    counts = tenant.itemCounts()
    self.settings = settings
    self.configurationHash = configurationHash
    self.now = now
    self.deadline = deadline
    self.cancellation = cancellation
  }
}
