import Vocabulary

/// The bundles of the catalogue and what they are made of, both ways round: immutable. At most about a second behind the
/// catalogue, and for a moment ahead of it.
package final class BundleIndex: Sendable {
  /// The bundles, ascending; a bundle's number is its place here.
  package let items: [ItemIndex]
  private let memberOffsets: [Int]
  private let memberValues: [UInt32]
  /// Whether every member is a known item.
  private let isWhole: [Bool]
  /// Items that are in any bundle, ascending, and the numbers of the bundles each is in.
  private let held: [UInt32]
  private let holderOffsets: [Int]
  private let holders: [UInt32]

  /// One bundle, while the index is made. Members that are not known are missing; others stand there once.
  struct Row {
    var item: ItemIndex
    var members: [ItemIndex]
    var isWhole: Bool
  }

  /// O(members · log members). REQUIRES: rows in ascending order of `item`.
  init(_ rows: [Row] = []) {
    items = rows.map(\.item)
    isWhole = rows.map(\.isWhole)
    var offsets = [0]
    var values: [UInt32] = []
    var pairs: [(item: UInt32, bundle: UInt32)] = []
    for (number, row) in rows.enumerated() {
      for member in row.members {
        values.append(member.value)
        pairs.append((member.value, UInt32(truncatingIfNeeded: number)))
      }
      offsets.append(values.count)
    }
    memberOffsets = offsets
    memberValues = values
    pairs.sort { $0.item == $1.item ? $0.bundle < $1.bundle : $0.item < $1.item }
    var held: [UInt32] = []
    var starts: [Int] = []
    for (place, pair) in pairs.enumerated() where held.last != pair.item {
      held.append(pair.item)
      starts.append(place)
    }
    starts.append(pairs.count)
    self.held = held
    holderOffsets = starts
    holders = pairs.map(\.bundle)
  }

  package var count: Int { items.count }

  /// The number of a bundle, nil if the item is none. O(log bundles).
  package func number(of item: ItemIndex) -> Int? {
    var (low, high) = (0, items.count)
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < item { low = middle + 1 } else { high = middle }
    }
    return low < items.count && items[low] == item ? low : nil
  }

  /// The known members of a bundle, as put, each once. REQUIRES: number < count.
  package func members(of number: Int) -> ArraySlice<UInt32> {
    memberValues[memberOffsets[number]..<memberOffsets[number + 1]]
  }

  /// Whether every member is a known item. REQUIRES: number < count.
  package func isWhole(_ number: Int) -> Bool { isWhole[number] }

  /// The numbers of the bundles an item is in, ascending. O(log items).
  package func bundles(with item: ItemIndex) -> ArraySlice<UInt32> {
    var (low, high) = (0, held.count)
    while low < high {
      let middle = (low + high) / 2
      if held[middle] < item.value { low = middle + 1 } else { high = middle }
    }
    guard low < held.count, held[low] == item.value else { return [] }
    return holders[holderOffsets[low]..<holderOffsets[low + 1]]
  }
}
