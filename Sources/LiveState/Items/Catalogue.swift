import Vocabulary

/// All items of a tenant at one moment: immutable, so a request sees one catalogue from its first step to its
/// last.
///
/// Items lie in chunks that successive catalogues share; a new catalogue copies only the chunks in which
/// something changed, and the list of chunks.
package final class Catalogue: Sendable {
  /// Items in one chunk. Changing one item copies 256 slots of 40 bytes, about 3 µs; a million items are 4,000
  /// chunks, whose list is copied in about 20 µs.
  package static let chunkItems = 256

  let chunks: [[CatalogueSlot]]
  /// For each chunk how often items in it were put, deleted or added: equal numbers, equal items. For what is
  /// remembered of items from one catalogue to the next.
  package let versions: [UInt32]
  /// Items ever seen, deleted ones included: indices run from 0 to `count - 1`.
  package let count: Int
  /// Items that are not deleted, hidden or out of stock, whatever their available times.
  package let showableCount: Int
  /// Newest first, by the caller's creation time, then by first appearance; items without a creation time come
  /// after those with one. At most `Limits.rankedItemsMax`; may hold items that are not showable.
  package let newest: [ItemIndex]
  /// Where items are, as put; deleted ones are nowhere.
  package let places: PlaceGrid
  private let plain: PlainItems

  init(
    chunks: [[CatalogueSlot]] = [], versions: [UInt32] = [], count: Int = 0, showableCount: Int = 0,
    newest: [ItemIndex] = [], places: PlaceGrid = PlaceGrid(), plain: PlainItems = PlainItems()
  ) {
    self.chunks = chunks
    self.versions = versions
    self.count = count
    self.showableCount = showableCount
    self.newest = newest
    self.places = places
    self.plain = plain
  }

  /// Whether the index lies in this catalogue; one that a user brought along may be too new for it.
  package func contains(_ index: ItemIndex) -> Bool { Int(index.value) < count }

  /// Yields instead of returning, so that reading one field copies no references.
  /// REQUIRES: `contains(index)`.
  private subscript(index: ItemIndex) -> CatalogueSlot {
    @inline(__always)
    _read {
      yield chunks[Int(index.value) / Self.chunkItems][Int(index.value) % Self.chunkItems]
    }
  }

  /// REQUIRES: `contains(index)`. O(1).
  package func identifier(_ index: ItemIndex) -> ItemIdentifier { self[index].id }

  /// The title, or an empty one if none was put. REQUIRES: `contains(index)`. O(1).
  package func title(_ index: ItemIndex) -> String { self[index].entry?.item.title ?? "" }

  /// The entry as put, or nil if the item is known from events only or was deleted.
  /// REQUIRES: `contains(index)`. O(1).
  package func item(_ index: ItemIndex) -> Item? { self[index].entry?.item }

  /// The same behind a reference. REQUIRES: `contains(index)`. O(1), copies nothing.
  @inline(__always)
  package func entry(_ index: ItemIndex) -> ItemEntry? { self[index].entry }

  /// Categories as put, none if the item is known from events only. REQUIRES: `contains(index)`. O(1).
  package func categories(_ index: ItemIndex) -> [String] { self[index].entry?.item.categories ?? [] }

  /// Where the item is, as put. REQUIRES: `contains(index)`. O(1).
  package func location(_ index: ItemIndex) -> GeoPoint? { self[index].entry?.item.location }

  /// The price as put, nil if there is none. REQUIRES: `contains(index)`. O(1).
  package func price(_ index: ItemIndex) -> (amount: Double, currency: String)? {
    guard let item = self[index].entry?.item, let price = item.price else { return nil }
    return (price, item.currency)
  }

  /// A free attribute as put. REQUIRES: `contains(index)`. O(1).
  package func freeAttribute(_ name: String, _ index: ItemIndex) -> AttributeValue? {
    self[index].entry?.item.attributes[name]
  }

  /// REQUIRES: `contains(index)`. O(1).
  package func owner(_ index: ItemIndex) -> UserIdentifier? { self[index].entry?.item.owner }

  /// Empty if none was put. REQUIRES: `contains(index)`. O(1).
  package func currency(_ index: ItemIndex) -> String { self[index].entry?.item.currency ?? "" }

  /// When the item came into being, if the caller said so. REQUIRES: `contains(index)`. O(1).
  package func created(_ index: ItemIndex) -> Timestamp? { self[index].entry?.item.created }

  /// REQUIRES: `contains(index)`. O(1).
  package func isDeleted(_ index: ItemIndex) -> Bool { self[index].isDeleted }

  /// Whether the item was put as hidden. REQUIRES: `contains(index)`. O(1).
  package func isHidden(_ index: ItemIndex) -> Bool { self[index].entry?.item.isHidden ?? false }

  /// Whether the user offers the item. REQUIRES: `contains(index)`. O(1).
  @inline(__always)
  package func isOffered(_ index: ItemIndex, by user: UserIdentifier) -> Bool {
    self[index].hasOwner && self[index].entry?.item.owner == user
  }

  /// Whether the item may be shown at any time and nobody offers it, as is true of nearly all: `isShowable` then holds and
  /// `isOffered` does not. O(1), and reads nothing of the item.
  @inline(__always)
  package func isPlain(_ index: ItemIndex) -> Bool { plain.contains(index) }

  /// Whether the item may be shown at a moment: not deleted, not hidden, in stock or stock not tracked, and
  /// within its available times, of which fractions of a second are given up. An item known only from events
  /// is showable. False for an index beyond the catalogue. O(1).
  @inline(__always)
  package func isShowable(_ index: ItemIndex, at seconds: Int64) -> Bool {
    guard contains(index) else { return false }
    return self[index].shownFrom <= seconds && seconds < self[index].shownUntil
  }
}

/// One item in a chunk.
struct CatalogueSlot: Sendable {
  var id: ItemIdentifier
  /// Nil for an item known from events only, or deleted.
  var entry: ItemEntry?
  /// The seconds in which the item may be shown, `from` included, `until` not; empty if it never may.
  var shownFrom: Int64
  var shownUntil: Int64
  var isDeleted = false
  /// Spares readers the entry when nobody offers the item.
  var hasOwner = false

  init(id: ItemIdentifier) {
    self.id = id
    shownFrom = .min
    shownUntil = .max
  }

  /// Replaces the entry and what follows from it.
  mutating func set(_ item: Item?, isDeleted: Bool) {
    entry = item.map { ItemEntry($0) }
    self.isDeleted = isDeleted
    hasOwner = item?.owner != nil
    let isNeverShown = isDeleted || item?.isHidden == true || (item?.stock).map { $0 <= 0 } == true
    if isNeverShown {
      (shownFrom, shownUntil) = (.max, .min)
      return
    }
    // Rounded inwards: never a moment too early or too late.
    shownFrom = item?.availableFrom.map { $0.seconds + ($0.microseconds % 1_000_000 == 0 ? 0 : 1) } ?? .min
    shownUntil = item?.availableUntil?.seconds ?? .max
  }

  /// Whether it is always shown and has no owner.
  var isPlain: Bool { shownFrom == .min && shownUntil == .max && !hasOwner }

  /// Whether there may be a moment at which the item is shown.
  var isShowable: Bool { shownFrom < shownUntil }
}
