import LiveState
import Vocabulary

/// Whether one more item of its values may stand at a position, and what already stands where.
final class CapCheck {
  /// One value of one capped attribute.
  private struct Entry {
    var cap: UInt16
    /// Told apart by cap, so that one table counts for all.
    var key: UInt64
  }

  private var caps: [AttributeCap] = []
  /// Values of the candidates looked at so far, and where each candidate's begin; −1 for those not looked at.
  private var entries: [Entry] = []
  private var starts: [Int32] = []
  private var ends: [Int32] = []
  private let tallies = TallyTable()

  var isActive: Bool { !caps.isEmpty }

  func begin(_ caps: [AttributeCap], candidates: Int) {
    self.caps = caps
    entries.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    guard !caps.isEmpty else { return }
    for _ in 0..<candidates {
      starts.append(-1)
      ends.append(-1)
    }
    tallies.begin()
  }

  /// Forgets where items stand, not which values they have.
  func clear() { if isActive { tallies.begin() } }

  /// Whether the candidate may stand at the position. `spare` more of the same values must fit, too.
  /// O(values · window).
  func allows(
    _ number: Int, at position: Int, in slots: [Int32], spare: Int = 0, _ context: ReadContext,
    _ scratch: ReadScratch
  ) -> Bool {
    guard isActive else { return true }
    find(number, context, scratch)
    for place in Int(starts[number])..<Int(ends[number]) {
      let entry = entries[place]
      let cap = caps[Int(entry.cap)]
      if let window = cap.window {
        if most(of: entry, in: window, around: position, slots) + 1 + spare > cap.most { return false }
      } else if tallies.count(of: entry.key) + 1 + spare > cap.most {
        return false
      }
    }
    return true
  }

  /// Whether no position will ever take the candidate, now that so much stands: windows move on, the list does not.
  func isHopeless(_ number: Int) -> Bool {
    for place in Int(starts[number])..<Int(ends[number]) {
      let entry = entries[place]
      let cap = caps[Int(entry.cap)]
      if cap.window == nil, tallies.count(of: entry.key) >= cap.most { return true }
    }
    return false
  }

  /// Notes that the candidate stands somewhere.
  func place(_ number: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    guard isActive else { return }
    find(number, context, scratch)
    for place in Int(starts[number])..<Int(ends[number]) where caps[Int(entries[place].cap)].window == nil {
      tallies.add(1, to: entries[place].key)
    }
  }

  /// The largest number of the value's items in any `window` positions in a row that contain this one.
  private func most(of entry: Entry, in window: Int, around position: Int, _ slots: [Int32]) -> Int {
    var (inside, most) = (0, 0)
    let end = min(position + window - 1, slots.count - 1)
    var place = max(0, position - window + 1)
    let first = place
    while place <= end {
      if place != position, holds(slots[place], entry) { inside += 1 }
      let left = place - window
      if left >= first, left != position, holds(slots[left], entry) { inside -= 1 }
      // Windows shorter than `window` at the ends of the list are parts of these.
      most = max(most, inside)
      place += 1
    }
    return most
  }

  private func holds(_ number: Int32, _ entry: Entry) -> Bool {
    guard number >= 0, starts[Int(number)] >= 0 else { return false }
    for place in Int(starts[Int(number)])..<Int(ends[Int(number)])
    where entries[place].cap == entry.cap && entries[place].key == entry.key {
      return true
    }
    return false
  }

  /// Looks a candidate's values up, once. A value that an item has twice counts once.
  private func find(_ number: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    if starts[number] >= 0 { return }
    starts[number] = Int32(truncatingIfNeeded: entries.count)
    let item = scratch.candidates.items[number]
    for (place, cap) in caps.enumerated() {
      let first = entries.count
      context.catalogue.forEachValue(of: cap.attribute, item) { key in
        let own = StableHash.mix(key &+ UInt64(place) &* 0x9e37_79b9_7f4a_7c15)
        if entries[first...].contains(where: { $0.key == own }) { return }
        entries.append(Entry(cap: UInt16(truncatingIfNeeded: place), key: own))
      }
    }
    ends[number] = Int32(truncatingIfNeeded: entries.count)
  }
}
