/// How often each type of event happened, up to four billion times. 64 bytes.
package struct EventCounts: Sendable, Hashable {
  /// By raw value; places beyond the last type stay zero.
  private var counts = SIMD16<UInt32>(repeating: 0)

  package init() {}

  package subscript(type: EventType) -> UInt32 {
    get { counts[Int(type.rawValue)] }
    set { counts[Int(type.rawValue)] = newValue }
  }

  /// Stays at the top once there.
  package mutating func add(_ type: EventType) {
    let place = Int(type.rawValue)
    if counts[place] < .max { counts[place] += 1 }
  }

  package var isEmpty: Bool { counts == SIMD16(repeating: 0) }

  /// Events that are not impressions.
  package var contacts: UInt64 {
    var sum: UInt64 = 0
    for place in 2..<16 { sum += UInt64(counts[place]) }
    return sum
  }

  /// How often the item was met: impressions, or where not all are reported, the contacts that must have come of them.
  package var exposures: UInt64 { max(UInt64(self[.impression]), contacts) }
}
