import Vocabulary

/// The newest items that may be shown, kept up to date as items come, change and go.
///
/// Invariant: the list is exactly the best `items.count` of all candidates. To keep it while the list is
/// shorter than it may be, `floor` remembers the best candidate that ever had to be left out; nothing at or
/// below it gets in until the list is rebuilt.
struct NewestList: Sendable {
  /// Orders by creation time, then by first appearance.
  struct Key: Hashable, Comparable, Sendable {
    var created: Int64
    var index: ItemIndex

    static func < (left: Self, right: Self) -> Bool {
      left.created == right.created ? left.index < right.index : left.created < right.created
    }
  }

  private(set) var keys: [Key] = []
  private var floor: Key?
  private let widest: Int

  init(widest: Int) { self.widest = widest }

  /// The best of them.
  func items(_ count: Int) -> [ItemIndex] { keys.prefix(count).map(\.index) }

  /// Whether so much went that the list should be made anew.
  func needsRebuild(candidates: Int) -> Bool { keys.count < widest / 2 && keys.count < candidates }

  /// Takes in what changed. `key` gives an item's present key, nil if it is not a candidate any more.
  /// O(list + changed · log changed).
  mutating func update(_ changed: [ItemIndex], key: (ItemIndex) -> Key?) {
    let touched = Set(changed)
    keys.removeAll { touched.contains($0.index) }
    for index in touched {
      guard let key = key(index) else { continue }
      if let floor, key <= floor { continue }
      keys.append(key)
    }
    settle()
  }

  /// Makes the list from all candidates. O(candidates).
  mutating func rebuild(from candidates: some Sequence<Key>) {
    keys.removeAll(keepingCapacity: true)
    floor = nil
    for key in candidates {
      if let floor, key <= floor { continue }
      keys.append(key)
      // Sorting at twice the width costs O(log width) for each candidate and bounds memory.
      if keys.count >= 2 * widest { settle() }
    }
    settle()
  }

  private mutating func settle() {
    keys.sort(by: >)
    guard keys.count > widest else { return }
    floor = floor.map { max($0, keys[widest]) } ?? keys[widest]
    keys.removeSubrange(widest...)
  }
}
