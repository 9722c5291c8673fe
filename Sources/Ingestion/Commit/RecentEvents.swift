import Storage
import Vocabulary

/// Events that LevelDB may not know yet, by identifier: the committer's own memory.
///
/// Two halves. New events go into the young one; when everything in the old one has been stored, the old one
/// is dropped whole and the young one takes its place. So memory follows the backlog without a removal per
/// event. Invariant: every event behind the stored position is in one of the halves.
struct RecentEvents {
  private var young = Half()
  private var old = Half()

  private struct Half {
    var events: [TenantName: [EventIdentifier: EventRecord]] = [:]
    var last = Position.zero
  }

  func find(_ id: EventIdentifier, of tenant: TenantName) -> EventRecord? {
    young.events[tenant]?[id] ?? old.events[tenant]?[id]
  }

  /// REQUIRES: positions grow.
  mutating func insert(_ record: EventRecord, _ id: EventIdentifier, of tenant: TenantName) {
    young.events[tenant, default: [:]][id] = record
    young.last = record.position
  }

  /// Forgets what is stored. O(1), apart from freeing.
  mutating func forget(through stored: Position) {
    guard old.last <= stored, !young.events.isEmpty || !old.events.isEmpty else { return }
    old = young
    young = Half()
  }
}
