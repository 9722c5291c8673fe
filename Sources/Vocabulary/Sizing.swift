/// What a daemon is expected to need of memory and disk: a sum of counts times bytes, each measured (docs/sizing.md says how,
/// and how far off the sum was). For one tenant with a generation of factors, transitions and co-occurrence.
package struct Sizing: Sendable, Hashable {
  /// One part of the sum.
  package struct Term: Sendable, Hashable {
    /// What takes the room.
    package let name: String
    /// How many of them there are.
    package let count: Double
    /// Bytes of each.
    package let bytes: Double

    package var total: Double { count * bytes }
  }

  package var items: Int
  package var users: Int
  /// Events of a user in the log.
  package var eventsPerUser = 20.0
  /// Different items of a user.
  package var itemsPerUser = 15.0
  /// Bytes of an identifier, of users and items alike.
  package var identifierBytes = 12.0
  /// Bytes of what was put of an item: title, text, categories, attributes. Zero where items are known from events only.
  package var entryBytes = 0.0
  /// Factors of an item.
  package var dimensions = 64
  /// Neighbours of an item in all lists of the generation together.
  package var neighbours = 40.0
  /// Generations on disk: the one that serves and those kept to go back to.
  package var generations = 1.0
  /// Threads that answer reads.
  package var loops = 2.0

  package init(items: Int, users: Int) {
    self.items = items
    self.users = users
  }

  /// Resident memory after a start and some reads.
  package var memory: [Term] {
    let (items, users) = (Double(items), Double(users))
    let padded = Double((dimensions + 3) / 4 * 4)
    let remembered = min(eventsPerUser, Double(Limits.historyEventsMax))
    let isClustered = self.items >= Limits.clusteredRowsMin
    return [
      Term(name: "the daemon itself", count: 1, bytes: Measured.daemonBytes),
      Term(
        name: "items: place in the catalogue, counts, identifier", count: items,
        bytes: Measured.itemBytes + allocated(identifierBytes)),
      Term(
        name: "items: what was put of them", count: entryBytes > 0 ? items : 0,
        bytes: Measured.entryBytes + 2 * entryBytes),
      Term(
        name: "users: record, place, identifier", count: users,
        bytes: Measured.userBytes + allocated(identifierBytes)),
      Term(name: "users: newest events", count: users * remembered, bytes: Measured.growth * 16),
      Term(
        name: "users: their items", count: users * min(itemsPerUser, Double(Limits.userItemsMax)),
        bytes: Measured.growth * 16),
      Term(name: "generation: identifiers, popularity", count: items, bytes: identifierBytes + 16),
      Term(name: "generation: neighbours", count: items * neighbours, bytes: 8),
      Term(name: "generation: factors", count: items, bytes: 4 * Double(dimensions)),
      Term(name: "generation: factors in 8 bits", count: items, bytes: padded + 12),
      Term(name: "generation: rows and items", count: items, bytes: 8),
      Term(name: "generation: clusters", count: isClustered ? items : 0, bytes: 4 + 5),
      Term(name: "reads: working memory of each thread", count: items * loops, bytes: Measured.scratchBytes),
    ]
  }

  /// Bytes on disk.
  package var disk: [Term] {
    let (items, users) = (Double(items), Double(users))
    let events = users * eventsPerUser
    return [
      Term(name: "log: events", count: events, bytes: Measured.eventBytes + 3 * identifierBytes),
      Term(
        name: "log: what was put of items", count: entryBytes > 0 ? items : 0,
        bytes: 24 + identifierBytes + entryBytes),
      Term(name: "state: events, to know them again", count: events, bytes: Measured.knownBytes),
      Term(name: "state: users", count: users, bytes: Measured.storedUserBytes + 2 * identifierBytes),
      Term(
        name: "state: events and items of users",
        count: users * (min(eventsPerUser, Double(Limits.historyEventsMax)) + itemsPerUser),
        bytes: Measured.storedContactBytes),
      Term(
        name: "state: items", count: items, bytes: Measured.storedItemBytes + identifierBytes + entryBytes),
      Term(
        name: "generations", count: items * generations,
        bytes: identifierBytes + 16 + 8 * neighbours + 16 + 4 * Double(dimensions)),
    ]
  }

  package var memoryBytes: Double { memory.reduce(0) { $0 + $1.total } }
  package var diskBytes: Double { disk.reduce(0) { $0 + $1.total } }

  /// Bytes that one item, or one user, more takes in memory.
  package var bytesPerItem: Double { slope(\.items) }
  package var bytesPerUser: Double { slope(\.users) }

  private func slope(_ count: WritableKeyPath<Sizing, Int>) -> Double {
    var more = self
    more[keyPath: count] += 1
    return more.memoryBytes - memoryBytes
  }

  /// An array of bytes of its own: a header of 32, rounded up to 16.
  private func allocated(_ bytes: Double) -> Double { ((bytes + 32 + 8) / 16).rounded(.up) * 16 }

  /// What no declaration says: measured with `script/bench scale`, 64-bit Linux, glibc.
  private enum Measured {
    static let daemonBytes = 60e6
    /// Slot of 40, counters of 40, counts of 64, places in the directory.
    static let itemBytes = 175.0
    static let entryBytes = 400.0
    static let userBytes = 220.0
    /// Arrays grow by doubling.
    static let growth = 1.4
    static let scratchBytes = 20.0
    static let eventBytes = 30.0
    static let knownBytes = 40.0
    static let storedUserBytes = 40.0
    static let storedContactBytes = 10.0
    static let storedItemBytes = 50.0
  }
}
