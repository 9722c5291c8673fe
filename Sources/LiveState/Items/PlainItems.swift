import Vocabulary

/// Which items may be shown at any time to anybody: a bit each, so that reading asks one small array that stays in the
/// cache, and looks at the item itself only where there is something to look at.
///
/// Successive catalogues share the parts in which nothing changed.
struct PlainItems: Sendable {
  /// 2 KB: what one change copies.
  private static let wordsInPart = 256
  private static let itemsInPart = 64 * wordsInPart

  private var parts: [[UInt64]] = []

  /// False beyond the items that were set. O(1).
  @inline(__always)
  func contains(_ index: ItemIndex) -> Bool {
    let place = Int(index.value)
    guard place / Self.itemsInPart < parts.count else { return false }
    return parts[place / Self.itemsInPart][place % Self.itemsInPart / 64] >> UInt64(place % 64) & 1 == 1
  }

  mutating func set(_ index: ItemIndex, _ isPlain: Bool) {
    let place = Int(index.value)
    while place / Self.itemsInPart >= parts.count {
      parts.append([UInt64](repeating: 0, count: Self.wordsInPart))
    }
    // Nothing is copied for what is so already.
    if contains(index) == isPlain { return }
    parts[place / Self.itemsInPart][place % Self.itemsInPart / 64] ^= 1 << UInt64(place % 64)
  }
}
