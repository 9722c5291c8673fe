import Vocabulary

/// The writer's table of items: the working copy of the catalogue beside counters that readers of lists do not
/// need.
///
/// `chunks` are plain arrays, so a published catalogue shares them until this table writes again; then Swift
/// copies the one chunk concerned.
struct ItemTable: Sendable {
  /// 40 bytes an item, beside 64 for the counts by type. A position of zero marks an index that was not restored yet.
  struct Counters: Sendable {
    var position = Position.zero
    var firstPosition = Position.zero
    var eventCount: UInt64 = 0
    var trend: Float = 0
    var trendSeconds: UInt32 = 0
    var isDirty = false
    var isTrendTouched = false

    mutating func trend(eventAt time: UInt32) {
      (trend, trendSeconds) = Trend.adding(eventAt: time, to: trend, validFor: trendSeconds)
    }
  }

  var chunks: [[CatalogueSlot]] = []
  /// Grows with each change of a chunk; see `Catalogue.versions`.
  var versions: [UInt32] = []
  var counters: [Counters] = []
  /// See `Catalogue.isPlain`.
  var plain = PlainItems()
  var showableCount = 0
  /// Indices to be stored, each once.
  var dirty: [ItemIndex] = []

  // What was changed since the last catalogue.
  var isChanged = false
  /// Twice as wide as what is published of it: see `publishCatalogue`.
  var newest = NewestList(widest: 2 * Limits.rankedItemsMax)
  var newestTouched: [ItemIndex] = []

  var places = PlaceGrid()
  // Items with members, and what became of them since the last index of bundles.
  var bundles: Set<ItemIndex> = []
  var isBundleTouched = false
  /// Whether the last index lacks members that may come yet.
  var isBundleWaiting = false
  /// Events by type, and whether readers lack any.
  var counts = ItemCounts()
  var isCountsChanged = false

  // What moved since the last trending list.
  var trending: [TrendingKey] = []
  var trendTouched: [ItemIndex] = []

  /// Whether part of a commit group may be applied that is not published yet.
  var isAhead = false
  /// When and of what the counted lists were made last: see `refreshLists`.
  var refresh = ListRefresh()

  var count: Int { counters.count }

  // MARK: Access

  subscript(index: ItemIndex) -> CatalogueSlot {
    get { chunks[Int(index.value) / Catalogue.chunkItems][Int(index.value) % Catalogue.chunkItems] }
    _modify {
      yield &chunks[Int(index.value) / Catalogue.chunkItems][Int(index.value) % Catalogue.chunkItems]
    }
  }

  func record(at index: ItemIndex) -> ItemRecord? {
    guard Int(index.value) < count else { return nil }
    let slot = self[index]
    let counters = counters[Int(index.value)]
    var record = ItemRecord(index: index, id: slot.id, firstPosition: counters.firstPosition)
    record.position = counters.position
    record.item = slot.entry?.item
    record.isDeleted = slot.isDeleted
    record.eventCount = counters.eventCount
    record.trend = counters.trend
    record.trendSeconds = counters.trendSeconds
    record.counts = counts[index]
    return record
  }

  // MARK: Changes

  /// Adds an item known by its identifier only. Nil if the table is full. Its position stays below `position`,
  /// so the change that brought it is still to be applied.
  mutating func add(_ id: ItemIdentifier, at position: Position) -> ItemIndex? {
    guard count < Limits.itemsMax, let value = UInt32(exactly: count) else { return nil }
    append(CatalogueSlot(id: id))
    var fresh = Counters()
    fresh.firstPosition = position
    counters.append(fresh)
    showableCount += 1
    let index = ItemIndex(value)
    isChanged = true
    if isBundleWaiting {
      isBundleTouched = true
      refresh.note(position)
    }
    newestTouched.append(index)
    markDirty(index)
    return index
  }

  /// Counts an event; a positive one trends.
  mutating func count(
    _ type: EventType, at seconds: UInt32, isPositive: Bool, _ index: ItemIndex, _ position: Position
  ) {
    let place = Int(index.value)
    guard counters[place].position < position else { return }
    counters[place].position = position
    counters[place].eventCount &+= 1
    counts.add(type, index)
    isCountsChanged = true
    refresh.note(position)
    if isPositive {
      counters[place].trend(eventAt: seconds)
      touchTrend(index)
    }
    markDirty(index)
  }

  mutating func put(_ item: Item, _ index: ItemIndex, _ position: Position) {
    guard counters[Int(index.value)].position < position else { return }
    counters[Int(index.value)].position = position
    set(item, isDeleted: false, index)
    if isBundleTouched { refresh.note(position) }
  }

  mutating func delete(_ index: ItemIndex, _ position: Position) {
    guard counters[Int(index.value)].position < position else { return }
    counters[Int(index.value)].position = position
    set(nil, isDeleted: true, index)
    if isBundleTouched { refresh.note(position) }
  }

  private mutating func set(_ item: Item?, isDeleted: Bool, _ index: ItemIndex) {
    let wasShowable = self[index].isShowable
    places.move(index, from: self[index].entry?.item.location, to: item?.location)
    self[index].set(item, isDeleted: isDeleted)
    plain.set(index, self[index].isPlain)
    versions[Int(index.value) / Catalogue.chunkItems] &+= 1
    showableCount += (self[index].isShowable ? 1 : 0) - (wasShowable ? 1 : 0)
    noteMembers(of: item, index)
    isChanged = true
    newestTouched.append(index)
    markDirty(index)
  }

  private mutating func noteMembers(of item: Item?, _ index: ItemIndex) {
    if let item, !item.members.isEmpty {
      bundles.insert(index)
      isBundleTouched = true
    } else if bundles.remove(index) != nil {
      isBundleTouched = true
    }
  }

  private mutating func append(_ slot: CatalogueSlot) {
    if count % Catalogue.chunkItems == 0 {
      var chunk: [CatalogueSlot] = []
      chunk.reserveCapacity(Catalogue.chunkItems)
      chunks.append(chunk)
      versions.append(0)
    }
    let place = (chunks.count - 1) * Catalogue.chunkItems + chunks[chunks.count - 1].count
    plain.set(ItemIndex(UInt32(truncatingIfNeeded: place)), slot.isPlain)
    chunks[chunks.count - 1].append(slot)
    versions[chunks.count - 1] &+= 1
  }

  private mutating func markDirty(_ index: ItemIndex) {
    guard !counters[Int(index.value)].isDirty else { return }
    counters[Int(index.value)].isDirty = true
    dirty.append(index)
  }

  /// Everything marked dirty, by index; marks it clean.
  mutating func drainDirty() -> [ItemRecord] {
    dirty.sort()
    var records: [ItemRecord] = []
    records.reserveCapacity(dirty.count)
    for index in dirty {
      counters[Int(index.value)].isDirty = false
      if let record = record(at: index) { records.append(record) }
    }
    dirty.removeAll(keepingCapacity: true)
    return records
  }

  // MARK: Restoring

  mutating func restore(_ record: ItemRecord) throws(RestoreFault) {
    let place = Int(record.index.value)
    guard place < Limits.itemsMax else {
      throw RestoreFault(
        message:
          "Item \(record.id.text) is stored at index \(place); at most \(Limits.itemsMax) are possible.")
    }
    guard record.position > .zero else {
      throw RestoreFault(message: "Item \(record.id.text) is stored without a position.")
    }
    // Stored order need not be index order: gaps are filled with the identifier at hand and checked at the end.
    while count <= place {
      append(CatalogueSlot(id: record.id))
      counters.append(Counters())
    }
    guard counters[place].position == .zero else {
      throw RestoreFault(message: "Items \(self[record.index].id.text) and \(record.id.text) share an index.")
    }
    self[record.index] = CatalogueSlot(id: record.id)
    self[record.index].set(record.item, isDeleted: record.isDeleted)
    plain.set(record.index, self[record.index].isPlain)
    versions[place / Catalogue.chunkItems] &+= 1
    places.move(record.index, from: nil, to: record.item?.location)
    var restored = Counters()
    restored.position = record.position
    restored.firstPosition = record.firstPosition
    restored.eventCount = record.eventCount
    restored.trend = record.trend.isFinite ? max(0, record.trend) : 0
    restored.trendSeconds = record.trendSeconds
    counters[place] = restored
    counts.restore(record.counts, record.index)
    isCountsChanged = true
    refresh.restored(record.position)
    if self[record.index].isShowable { showableCount += 1 }
    noteMembers(of: record.item, record.index)
    if restored.trend > 0 { touchTrend(record.index) }
    isChanged = true
    newestTouched.append(record.index)
  }

  func checkDense() throws(RestoreFault) {
    if let gap = counters.firstIndex(where: { $0.position == .zero }) {
      throw RestoreFault(message: "No item is stored at index \(gap), but one is at \(count - 1).")
    }
  }
}
