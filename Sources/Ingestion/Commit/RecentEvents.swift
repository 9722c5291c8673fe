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
    /// A table for each tenant, in the order of their first events. Few, so looking through them is quicker than hashing.
    var tables: [Table] = []
    var last = Position.zero
  }

  private struct Table {
    var tenant: TenantName
    var events: [EventIdentifier: EventRecord] = [:]
  }

  func find(_ id: EventIdentifier, of tenant: TenantName) -> EventRecord? {
    for table in young.tables where table.tenant == tenant {
      if let known = table.events[id] { return known }
    }
    for table in old.tables where table.tenant == tenant { return table.events[id] }
    return nil
  }

  /// REQUIRES: positions grow.
  mutating func insert(_ record: EventRecord, _ id: EventIdentifier, of tenant: TenantName) {
    young.last = record.position
    for place in young.tables.indices where young.tables[place].tenant == tenant {
      young.tables[place].events[id] = record
      return
    }
    young.tables.append(Table(tenant: tenant, events: [id: record]))
  }

  /// Forgets what is stored. O(1), apart from freeing.
  mutating func forget(through stored: Position) {
    guard old.last <= stored, !young.tables.isEmpty || !old.tables.isEmpty else { return }
    old = young
    young = Half()
  }
}
