import Vocabulary

/// From an identifier to its place in an array beside the table: open addressing, eight bytes a slot.
///
/// A slot holds 32 bits of the identifier's hash and the place. So a look-up reads an identifier only where those bits
/// agree, and growing reads none; a dictionary follows a reference to the bytes for each key that it compares or moves, and
/// these references, a miss of all caches each, were a third of what restoring a million users took.
struct PlaceTable: Sendable {
  /// 0 where free; else the hash, then the place plus one.
  private var slots: [UInt64] = []
  private(set) var count = 0

  /// Where an identifier goes. The process draws its own seed, so nobody outside can aim at collisions.
  static func hash<Kind>(_ id: Identifier<Kind>) -> UInt32 {
    var hasher = Hasher()
    id.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  /// The place with this hash for which `isSame` holds, nil if there is none. O(1).
  @inline(__always)
  func find(_ hash: UInt32, where isSame: (Int) -> Bool) -> Int? {
    if slots.isEmpty { return nil }
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash {
        let place = Int(slots[slot] & 0xffff_ffff) - 1
        if isSame(place) { return place }
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Adds a place. O(1), but O(count) when the table grows.
  /// REQUIRES: no place with this identifier is there; `place` is not negative.
  mutating func insert(_ hash: UInt32, _ place: Int32) {
    // At most three quarters full.
    if (count + 1) * 4 > slots.count * 3 { grow() }
    count += 1
    put(UInt64(hash) << 32 | UInt64(UInt32(bitPattern: place) &+ 1))
  }

  private mutating func put(_ content: UInt64) {
    let mask = slots.count - 1
    var slot = Int(content >> 32) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = content
  }

  private mutating func grow() {
    var old = [UInt64](repeating: 0, count: max(8, 2 * slots.count))
    swap(&old, &slots)
    for content in old where content != 0 { put(content) }
  }
}
