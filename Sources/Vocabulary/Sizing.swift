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

  package init(items: Int, users: Int) {
    self.items = items
    self.users = users
  }

  /// Resident memory after a start and some reads, mapped files included: those the system takes back when it needs room.
  package var memory: [Term] {
    let (items, users) = (Double(items), Double(users))
    let padded = Double((dimensions + 3) / 4 * 4)
    let remembered = min(eventsPerUser, Double(Limits.historyEventsMax))
    let isClustered = self.items >= Limits.clusteredRowsMin
    return [
      Term(name: "the daemon itself", count: 1, bytes: Measured.daemonBytes),
      Term(
        name: "items: catalogue, counts, identifier, room for reads", count: items,
        bytes: Measured.itemBytes + allocated(identifierBytes)),
      Term(
        name: "items: what was put of them", count: entryBytes > 0 ? items : 0,
        bytes: Measured.entryBytes + 1.25 * entryBytes),
      Term(
        name: "users: record, identifier", count: users,
        bytes: Measured.userBytes + allocated(identifierBytes)),
      Term(name: "users: newest events", count: users * remembered, bytes: Measured.contactBytes),
      Term(
        name: "users: their items", count: users * min(itemsPerUser, Double(Limits.userItemsMax)),
        bytes: Measured.contactBytes),
      Term(name: "generation: factors in 8 bits, rows, items", count: items, bytes: padded + 20),
      Term(name: "generation: clusters", count: isClustered ? items : 0, bytes: 9),
      Term(name: "generation: mapped files", count: items, bytes: generationBytes),
      Term(name: "state: mapped files", count: 1, bytes: state.reduce(0) { $0 + $1.total }),
    ]
  }

  /// Bytes on disk.
  package var disk: [Term] {
    let items = Double(items)
    return [
      Term(
        name: "log: events", count: Double(users) * eventsPerUser,
        bytes: Measured.eventBytes + 2 * identifierBytes),
      Term(
        name: "log: what was put of items", count: entryBytes > 0 ? items : 0,
        bytes: 20 + identifierBytes + entryBytes),
    ] + state + [Term(name: "generations", count: items * generations, bytes: generationBytes)]
  }

  private var state: [Term] {
    [
      Term(
        name: "state: events, those of users included", count: Double(users) * eventsPerUser,
        bytes: Measured.storedEventBytes),
      Term(name: "state: users", count: Double(users), bytes: Measured.storedUserBytes),
      Term(name: "state: items", count: Double(items), bytes: Measured.storedItemBytes + 0.4 * entryBytes),
    ]
  }

  /// Identifiers with an offset, popularity, neighbours with an offset for each of two lists, factors.
  private var generationBytes: Double {
    identifierBytes + 8 + 8 + 8 * neighbours + 16 + 4 * Double(dimensions)
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

  /// What no declaration says: measured (docs/sizing.md), 64-bit Linux, glibc.
  private enum Measured {
    /// Program and libraries 33 MB, the rest buffers and what reads left behind.
    static let daemonBytes = 48e6
    /// Slot of 40, counters of 40, counts of 64, place in the directory, working memory of the threads that read.
    static let itemBytes = 259.0
    /// The declarations of an item, its texts and lists by themselves.
    static let entryBytes = 250.0
    static let userBytes = 241.0
    /// 16, and what the allocator adds.
    static let contactBytes = 16.9
    /// With an event identifier of 17 bytes.
    static let eventBytes = 45.0
    static let storedEventBytes = 52.0
    static let storedUserBytes = 5.0
    static let storedItemBytes = 68.0
  }
}
