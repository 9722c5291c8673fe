import LiveState
import Vocabulary

/// Fills the positions of one list: pins first, then promotions, then everybody else in order, as far as caps allow and
/// shares ask. Caps hold for all of them.
final class SlateBuilder {
  /// A position still to fill, and one that is kept for exploration.
  static let open: Int32 = -1
  static let blank: Int32 = -2

  let caps = CapCheck()
  private let needs = ExposureNeeds()
  /// Candidate numbers by position, from 0.
  private(set) var slots: [Int32] = []
  private(set) var kinds: [Placement] = []
  /// By candidate: stands somewhere, or can stand nowhere any more.
  private(set) var isPlaced: [Bool] = []
  private var tail: [Int32] = []
  private var tailKinds: [Placement] = []

  /// Looks at the candidates once for all lists of this request.
  func begin(_ context: ReadContext, _ scratch: ReadScratch) {
    caps.begin(context.settings.spread.caps, candidates: scratch.candidates.count)
    needs.begin(context.settings.spread.shares, context, scratch)
  }

  /// Builds one list. Positions in `blanks` stay `blank`. What cannot be filled is closed up, so that a list may be
  /// shorter than k. O(k · candidates passed over).
  func build(blanks: [Int], _ context: ReadContext, _ scratch: ReadScratch) {
    let k = scratch.query.k
    slots.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    isPlaced.removeAll(keepingCapacity: true)
    for _ in 0..<k {
      slots.append(Self.open)
      kinds.append(.ranked)
    }
    for _ in 0..<scratch.candidates.count { isPlaced.append(false) }
    caps.clear()
    placePins(context, scratch)
    placePromotions(context, scratch)
    for blank in blanks where blank < k && slots[blank] == Self.open {
      slots[blank] = Self.blank
      kinds[blank] = .explored
    }
    fill(context, scratch)
    closeUp(context, scratch)
  }

  private func put(
    _ number: Int, at position: Int, _ kind: Placement, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    slots[position] = Int32(truncatingIfNeeded: number)
    kinds[position] = kind
    isPlaced[number] = true
    caps.place(number, context, scratch)
  }

  private func placePins(_ context: ReadContext, _ scratch: ReadScratch) {
    for pin in context.settings.spread.pins where pin.position <= slots.count {
      guard let number = scratch.allowedNumber(of: pin.item, context), !isPlaced[number],
        slots[pin.position - 1] == Self.open,
        caps.allows(number, at: pin.position - 1, in: slots, context, scratch)
      else { continue }
      put(number, at: pin.position - 1, .pinned, context, scratch)
    }
  }

  /// Raises the best of the group that stands below the position; one that stands at it or above needs no help.
  private func placePromotions(_ context: ReadContext, _ scratch: ReadScratch) {
    for promotion in context.settings.spread.promotions where promotion.position <= slots.count {
      guard slots[promotion.position - 1] == Self.open, promotion.position < scratch.order.count else {
        continue
      }
      for number in scratch.order[promotion.position...] where !isPlaced[Int(number)] {
        let number = Int(number)
        guard context.catalogue.isMember(scratch.candidates.items[number], of: promotion.group),
          caps.allows(number, at: promotion.position - 1, in: slots, context, scratch)
        else { continue }
        put(number, at: promotion.position - 1, .promoted, context, scratch)
        break
      }
    }
  }

  private func fill(_ context: ReadContext, _ scratch: ReadScratch) {
    if needs.isActive {
      var available = slots.reduce(0) { $0 + ($1 == Self.open ? 0 : 1) }
      for number in scratch.order where !isPlaced[Int(number)] { available += 1 }
      needs.start(slots, length: min(slots.count, available), order: scratch.order, isPlaced: isPlaced)
    }
    var (step, next) = (0, 0)
    for position in slots.indices where slots[position] == Self.open {
      while next < scratch.order.count, isPlaced[Int(scratch.order[next])] { next += 1 }
      let exposure = needs.isActive ? ExposureNeeds.exposure(at: position) : 0
      guard let number = choose(from: next, step, exposure, at: position, context, scratch) else { return }
      put(number, at: position, .ranked, context, scratch)
      needs.take(number, exposure: exposure)
      step += 1
    }
  }

  /// The first in order that caps and shares let stand here. Where no choice can save the shares, the best of the group
  /// that lacks most.
  private func choose(
    from next: Int, _ step: Int, _ exposure: Double, at position: Int, _ context: ReadContext,
    _ scratch: ReadScratch
  ) -> Int? {
    var first: Int?
    let neediest = needs.isActive ? needs.neediest() : nil
    var member: Int?
    for place in next..<max(next, scratch.order.count) {
      let number = Int(scratch.order[place])
      if isPlaced[number] { continue }
      guard caps.allows(number, at: position, in: slots, context, scratch) else {
        if caps.isHopeless(number) {
          isPlaced[number] = true
          needs.drop(number)
        }
        continue
      }
      if needs.allows(number, step: step, exposure: exposure) { return number }
      if first == nil { first = number }
      if member == nil, let neediest, needs.isMember(number, of: neediest) { member = number }
    }
    return member ?? first
  }

  /// Moves what stands behind the first gap up to it, as far as caps allow there.
  private func closeUp(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let gap = slots.firstIndex(of: Self.open) else { return }
    tail.removeAll(keepingCapacity: true)
    tailKinds.removeAll(keepingCapacity: true)
    for position in gap..<slots.count where slots[position] != Self.open {
      tail.append(slots[position])
      tailKinds.append(kinds[position])
    }
    slots.removeSubrange(gap...)
    kinds.removeSubrange(gap...)
    caps.clear()
    for number in slots where number >= 0 { caps.place(Int(number), context, scratch) }
    for (place, number) in tail.enumerated() {
      let position = slots.count
      slots.append(Self.open)
      kinds.append(tailKinds[place])
      if number == Self.blank {
        slots[position] = Self.blank
      } else if caps.allows(Int(number), at: position, in: slots, context, scratch) {
        put(Int(number), at: position, tailKinds[place], context, scratch)
      } else {
        slots.removeLast()
        kinds.removeLast()
      }
    }
  }
}

extension ReadScratch {
  /// The candidate that an item is, if it is one and allowed.
  func allowedNumber(of id: ItemIdentifier, _ context: ReadContext) -> Int? {
    guard let item = context.tenant.itemIndex(id), context.catalogue.contains(item),
      let number = candidates.number(of: item), candidates.verdicts[number] == nil
    else { return nil }
    return number
  }
}
