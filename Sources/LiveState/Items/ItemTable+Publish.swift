import Glibc
import Vocabulary

/// An item's place among the trending.
struct TrendingKey: Sendable {
  var rank: Double
  var index: ItemIndex
}

extension ItemTable {
  /// A catalogue with everything applied so far, or nil if no item changed since the last one.
  ///
  /// Its newest items are a function of what was applied, however it was grouped: the list is kept twice as wide as
  /// what is published, and made anew once half of it went away. O(changed), plus O(items) at most once for every
  /// `Limits.rankedItemsMax` items that went.
  mutating func publishCatalogue() -> Catalogue? {
    guard isChanged else { return nil }
    isChanged = false
    // Moved out, so that its keys are not copied while `self` is read.
    var list = NewestList(widest: 0)
    swap(&list, &newest)
    if newestTouched.count > max(count / 4, Limits.rankedItemsMax) {
      // As after restoring: to go through all is quicker than to look up each of so many.
      let table = self
      list.rebuild(from: (0..<UInt32(count)).lazy.compactMap { table.newestKey(ItemIndex($0)) })
      newestTouched.removeAll()
    } else if !newestTouched.isEmpty {
      list.update(newestTouched) { newestKey($0) }
      newestTouched.removeAll(keepingCapacity: true)
    }
    if list.needsRebuild(candidates: showableCount) {
      let table = self
      list.rebuild(from: (0..<UInt32(count)).lazy.compactMap { table.newestKey(ItemIndex($0)) })
    }
    swap(&list, &newest)
    return Catalogue(
      chunks: chunks, versions: versions, count: count, showableCount: showableCount,
      newest: newest.items(Limits.rankedItemsMax), places: places, plain: plain)
  }

  private func newestKey(_ index: ItemIndex) -> NewestList.Key? {
    guard self[index].isShowable else { return nil }
    return NewestList.Key(created: self[index].entry?.item.created?.microseconds ?? .min, index: index)
  }

  mutating func touchTrend(_ index: ItemIndex) {
    guard !counters[Int(index.value)].isTrendTouched else { return }
    counters[Int(index.value)].isTrendTouched = true
    trendTouched.append(index)
  }

  /// The trending list, or nil if nothing moved since the last one.
  ///
  /// An item's rank only ever rises, and only by its own events (see `Trend.rank`), so the best of the old
  /// list and of what was touched are the best of all. O(list + touched).
  mutating func refreshTrending() -> (all: RankedItems, categories: CategoryTrends)? {
    guard !trendTouched.isEmpty else { return nil }
    let isFull = trending.count >= Limits.rankedItemsMax
    let lowest = isFull ? trending[trending.count - 1].rank : -.infinity
    trending.removeAll { counters[Int($0.index.value)].isTrendTouched }
    for index in trendTouched {
      let place = Int(index.value)
      counters[place].isTrendTouched = false
      let rank = Trend.rank(count: counters[place].trend, seconds: counters[place].trendSeconds)
      if rank >= lowest { trending.append(TrendingKey(rank: rank, index: index)) }
    }
    trendTouched.removeAll(keepingCapacity: true)
    trending.sort { $0.rank == $1.rank ? $0.index < $1.index : $0.rank > $1.rank }
    if trending.count > Limits.rankedItemsMax { trending.removeSubrange(Limits.rankedItemsMax...) }

    // Scores are counts as they would stand at the newest event of the list: what "now" is does not matter.
    var newestSeconds: UInt32 = 0
    for key in trending { newestSeconds = max(newestSeconds, counters[Int(key.index.value)].trendSeconds) }
    let zero = Double(newestSeconds) / Trend.halfLifeSeconds
    var list = RankedItems()
    list.items = trending.map(\.index)
    list.scores = trending.map { Float(exp2($0.rank - zero)) }
    var categories = CategoryTrends()
    for (place, index) in list.items.enumerated() {
      if let item = self[index].entry?.item { categories.add(item.categories, at: place) }
    }
    return (list, categories)
  }

  /// The index of bundles, or nil if none changed since the last one. `find` gives the index of an item
  /// that is known. O(members of all bundles · log).
  mutating func refreshBundles(find: (ItemIdentifier) -> ItemIndex?) -> BundleIndex? {
    guard isBundleTouched else { return nil }
    isBundleTouched = false
    isBundleWaiting = false
    var rows: [BundleIndex.Row] = []
    rows.reserveCapacity(bundles.count)
    for index in bundles.sorted() {
      guard let item = self[index].entry?.item else { continue }
      var row = BundleIndex.Row(item: index, members: [], isWhole: true)
      for id in item.members {
        if let member = find(id) {
          // At most `Limits.bundleMembersMax`, so looking through them is the quickest.
          if !row.members.contains(member) { row.members.append(member) }
        } else {
          row.isWhole = false
          isBundleWaiting = true
        }
      }
      rows.append(row)
    }
    return BundleIndex(rows)
  }

  /// Counts of events, or nil if there are none since the last ones. O(items / 256).
  mutating func refreshCounts() -> ItemCounts? {
    guard isCountsChanged else { return nil }
    isCountsChanged = false
    return counts
  }

  /// Brings trends, counts and bundles up to everything that was applied, all three at one moment, and says of which
  /// positions they are. REQUIRES: everything applied belongs to whole commit groups.
  mutating func refreshLists(
    through position: Position, into published: inout LiveTenant.Published,
    find: (ItemIdentifier) -> ItemIndex?
  ) {
    if let trending = refreshTrending() { (published.trending, published.categoryTrends) = trending }
    if let counts = refreshCounts() { published.counts = counts }
    if let bundles = refreshBundles(find: find) { published.bundles = bundles }
    published.counted = refresh.made(through: position)
  }
}
