import Glibc
import LiveState
import Vocabulary

/// What groups still need of a list's exposure, and whether they can still get it.
///
/// A position exposes by 1 / log₂(1 + rank) (as discounted gain does; Singh and Joachims 2018). A group's need is its
/// share of the exposure of all positions. Filling from the top, a position may go to whoever is best as long as every group could still reach
/// its need with all positions below: for one group this gives the best order among those that reach the share.
final class ExposureNeeds {
  private var shares: [ExposureShare] = []
  /// By candidate, a bit for each group.
  private var groups: [UInt16] = []
  private var needs: [Double] = []
  private var received: [Double] = []
  /// Members not placed yet.
  private var members: [Int] = []
  /// Exposure of the positions to fill before each: `before[i]` of the first i.
  private var before: [Double] = [0]
  private var overlaps = false

  var isActive: Bool { !shares.isEmpty }

  static func exposure(at position: Int) -> Double { 1 / log2(Double(position) + 2) }

  /// Takes the members among the candidates of the order. O(order · shares).
  func begin(_ shares: [ExposureShare], _ context: ReadContext, _ scratch: ReadScratch) {
    self.shares = shares
    groups.removeAll(keepingCapacity: true)
    guard isActive else { return }
    overlaps = false
    for item in scratch.candidates.items {
      var mask: UInt16 = 0
      for (place, share) in shares.enumerated() {
        let isMember =
          switch share.group {
          case .items(let group): context.catalogue.isMember(item, of: group)
          case .filter: scratch.rules.isMember(item, ofShare: place, context.catalogue)
          }
        if isMember { mask |= 1 << UInt16(place) }
      }
      if mask.nonzeroBitCount > 1 { overlaps = true }
      groups.append(mask)
    }
  }

  /// Begins one list of `length` places of which those in `slots` below zero are still to fill.
  func start(_ slots: [Int32], length: Int, order: [Int32], isPlaced: [Bool]) {
    guard isActive else { return }
    needs.removeAll(keepingCapacity: true)
    received.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    before.removeAll(keepingCapacity: true)
    before.append(0)
    var all = 0.0
    for position in 0..<length {
      all += Self.exposure(at: position)
      if slots[position] == SlateBuilder.open {
        before.append((before.last ?? 0) + Self.exposure(at: position))
      }
    }
    for share in shares {
      needs.append(share.share * all)
      received.append(0)
      members.append(0)
    }
    for position in 0..<length where slots[position] >= 0 {
      add(groups[Int(slots[position])], Self.exposure(at: position))
    }
    for number in order where !isPlaced[Int(number)] {
      for group in shares.indices where groups[Int(number)] & 1 << UInt16(group) != 0 { members[group] += 1 }
    }
  }

  private func add(_ mask: UInt16, _ exposure: Double) {
    for group in shares.indices where mask & 1 << UInt16(group) != 0 { received[group] += exposure }
  }

  private static let tolerance = 1e-9

  /// Whether all groups could still reach their needs if the candidate took the `step`-th of the positions to fill.
  func allows(_ number: Int, step: Int, exposure: Double) -> Bool {
    guard isActive else { return true }
    let mask = groups[number]
    let end = before.count - 1
    let left = before[end] - before[min(step + 1, end)]
    var sum = 0.0
    for group in shares.indices {
      // Nobody is left who could give it more: whoever stands here, it gets what it has.
      if members[group] == 0 { continue }
      let isMember = mask & 1 << UInt16(group) != 0
      let deficit = needs[group] - received[group] - (isMember ? exposure : 0)
      if deficit <= Self.tolerance { continue }
      let others = members[group] - (isMember ? 1 : 0)
      let reachable = before[min(step + 1 + others, end)] - before[min(step + 1, end)]
      if deficit > reachable + Self.tolerance { return false }
      sum += deficit
    }
    // Positions given to one group are lost to the others, unless items belong to several.
    return overlaps || sum <= left + Self.tolerance
  }

  /// The group that lacks most of its need and has members left; nil if none does.
  func neediest() -> Int? {
    var (best, most) = (-1, Self.tolerance)
    for group in shares.indices where members[group] > 0 {
      let deficit = needs[group] - received[group]
      if deficit > most { (best, most) = (group, deficit) }
    }
    return best < 0 ? nil : best
  }

  func isMember(_ number: Int, of group: Int) -> Bool { groups[number] & 1 << UInt16(group) != 0 }

  /// Notes that the candidate took a position.
  func take(_ number: Int, exposure: Double) {
    guard isActive else { return }
    add(groups[number], exposure)
    drop(number)
  }

  /// Notes that the candidate will not be in the list.
  func drop(_ number: Int) {
    guard isActive else { return }
    for group in shares.indices where groups[number] & 1 << UInt16(group) != 0 { members[group] -= 1 }
  }
}
