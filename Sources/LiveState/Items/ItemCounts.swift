import Vocabulary

/// Events of every item by type, as they stood at most about a second ago: immutable.
package struct ItemCounts: Sendable {
  /// As many items as a chunk of the catalogue has.
  static let chunkItems = Catalogue.chunkItems

  var chunks: [[EventCounts]] = []
  /// By raw value of the type, over all items.
  private(set) var totals = [UInt64](repeating: 0, count: 16)

  package init() {}

  /// What happened to an item; nothing for one that came since. O(1).
  package subscript(index: ItemIndex) -> EventCounts {
    let place = Int(index.value)
    guard place / Self.chunkItems < chunks.count else { return EventCounts() }
    let chunk = chunks[place / Self.chunkItems]
    return place % Self.chunkItems < chunk.count ? chunk[place % Self.chunkItems] : EventCounts()
  }

  /// Events of a type on any item.
  package func total(_ type: EventType) -> UInt64 { totals[Int(type.rawValue)] }

  /// How often items were met, as `EventCounts.exposures` but of all together.
  package var exposures: UInt64 {
    let contacts = EventType.allCases.reduce(UInt64(0)) { $1 == .impression ? $0 : $0 &+ total($1) }
    return max(total(.impression), contacts)
  }

  /// Adds one event. Copies the chunk if a reader has it.
  mutating func add(_ type: EventType, _ index: ItemIndex) {
    let place = Int(index.value)
    reach(place)
    chunks[place / Self.chunkItems][place % Self.chunkItems].add(type)
    totals[Int(type.rawValue)] &+= 1
  }

  /// Takes over what was stored.
  mutating func restore(_ counts: EventCounts, _ index: ItemIndex) {
    if counts.isEmpty { return }
    let place = Int(index.value)
    reach(place)
    chunks[place / Self.chunkItems][place % Self.chunkItems] = counts
    for type in EventType.allCases { totals[Int(type.rawValue)] &+= UInt64(counts[type]) }
  }

  private mutating func reach(_ place: Int) {
    while chunks.count <= place / Self.chunkItems {
      chunks.append([EventCounts](repeating: EventCounts(), count: Self.chunkItems))
    }
  }
}
