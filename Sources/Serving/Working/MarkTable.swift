import Vocabulary

/// Why an item may not be in the reply.
package enum DropReason: UInt8, Sendable, CaseIterable {
  /// Newer than the catalogue this request sees.
  case unpublished = 1
  /// The request excludes it.
  case excluded = 2
  /// It is the item, or in the basket, that was asked about.
  case queried = 3
  /// The user has it already, and the list hides what was seen.
  case seen = 4
  /// The user's last word on it was to hide or dislike it, or the sum of all words is negative.
  case turnedAway = 5
  /// The user offers it.
  case own = 6
  /// Deleted, hidden, out of stock, or outside its available times.
  case unshowable = 7
  /// The request names its candidates, and it is none of them.
  case notAsked = 8
  /// A filter of the request or its scenario does not let it pass.
  case filtered = 9
  /// It was shown too often without a positive event.
  case tired = 10
  /// Another list of the same screen shows it.
  case elsewhere = 14
  /// Bundles are asked for, and it is none, or one with a member that may not be shown, that the user has whole, or whose
  /// price is out of bounds.
  case noBundle = 15

  /// Room for an array indexed by raw value.
  static let count = 16
}

/// A small note on each item for one request. Beginning a request costs nothing: notes of older requests carry an
/// older number and do not count.
package final class MarkTable {
  /// All of it in one place: reaching for a property of a class is checked at run time each time.
  struct Notes {
    fileprivate var cells: [UInt32] = []
    fileprivate var epoch: UInt32 = 0

    @inline(__always)
    subscript(item: ItemIndex) -> DropReason? {
      let cell = cells[Int(item.value)]
      return cell >> MarkTable.reasonBits == epoch ? DropReason(rawValue: UInt8(cell & 15)) : nil
    }
  }

  private(set) var notes = Notes()
  /// Items with a note, in the order of marking.
  package private(set) var marked: [UInt32] = []

  /// Empty until `begin`.
  package init() {}

  fileprivate static let reasonBits: UInt32 = 4
  private static let epochMax = UInt32.max >> reasonBits

  /// O(1), but O(items) when the catalogue grew or every 250 million requests.
  package func begin(_ itemCount: Int) {
    marked.removeAll(keepingCapacity: true)
    if notes.epoch == Self.epochMax {
      for index in notes.cells.indices { notes.cells[index] = 0 }
      notes.epoch = 0
    }
    notes.epoch += 1
    if notes.cells.count < itemCount {
      notes.cells.append(contentsOf: repeatElement(0, count: itemCount - notes.cells.count))
    }
  }

  /// The note on an item of this request's catalogue, nil if there is none.
  @inline(__always)
  package subscript(item: ItemIndex) -> DropReason? { notes[item] }

  /// Notes a reason unless there is one already. Returns whether it did.
  @discardableResult
  package func mark(_ item: ItemIndex, _ reason: DropReason) -> Bool {
    let place = Int(item.value)
    guard place < notes.cells.count, notes.cells[place] >> Self.reasonBits != notes.epoch else {
      return false
    }
    notes.cells[place] = notes.epoch << Self.reasonBits | UInt32(reason.rawValue)
    marked.append(item.value)
    return true
  }
}
