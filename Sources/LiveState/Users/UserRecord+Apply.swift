import Vocabulary

extension UserRecord {
  /// Notes what the user did with an item: in the history, and in the table of distinct items.
  ///
  /// An impression leaves no trace in either: it is what the service did, and ten of them a page would push
  /// everything the user did out of the history. Impressions have a list of their own.
  mutating func apply(
    _ type: EventType, to item: ItemIndex, seconds: UInt32, value: Float, weight: Float
  ) {
    guard type != .impression else { return show(Impression(item: item, seconds: seconds)) }
    remember(HistoryEvent(item: item, seconds: seconds, value: value, type: type))
    touch(item, seconds: seconds, weight: weight)
    if type == .rate { rate(UserRating(item: item, seconds: seconds, value: value)) }
  }

  /// Keeps the newest rating of each item; of two of the same second the one that came later. Of a full list the
  /// oldest leaves, the earlier one if two are equally old; that may be this one.
  private mutating func rate(_ rating: UserRating) {
    if let place = ratings.firstIndex(where: { $0.item == rating.item }) {
      if ratings[place].seconds <= rating.seconds { ratings[place] = rating }
      return
    }
    ratings.append(rating)
    guard ratings.count > Limits.userRatingsMax else { return }
    var oldest = 0
    for index in 1..<ratings.count where ratings[index].seconds < ratings[oldest].seconds { oldest = index }
    ratings.remove(at: oldest)
  }

  /// Inserts by event time, behind impressions of the same second. Of a full list the oldest leaves, which may be this one.
  private mutating func show(_ impression: Impression) {
    var place = impressions.count
    while place > 0, impressions[place - 1].seconds > impression.seconds { place -= 1 }
    guard impressions.count >= Limits.impressionsMax else {
      impressions.insert(impression, at: place)
      return
    }
    guard place > 0 else { return }
    for index in 1..<place { impressions[index - 1] = impressions[index] }
    impressions[place - 1] = impression
  }

  /// Inserts by event time, behind events of the same second, so that a late import does not look like the
  /// newest thing the user did. A full history loses its oldest event, which may be this one.
  private mutating func remember(_ event: HistoryEvent) {
    var place = history.count
    while place > 0, history[place - 1].seconds > event.seconds { place -= 1 }
    guard history.count >= Limits.historyEventsMax else {
      history.insert(event, at: place)
      return
    }
    guard place > 0 else { return }
    // Moves what is older one place towards the front, over the oldest, without growing the array.
    for index in 1..<place { history[index - 1] = history[index] }
    history[place - 1] = event
  }

  /// Sums the weight and counts the positive event. Of a full table the item with the oldest time leaves,
  /// the earlier contact if two are equally old.
  private mutating func touch(_ item: ItemIndex, seconds: UInt32, weight: Float) {
    let isPositive = weight > 0
    if let place = items.firstIndex(where: { $0.item == item }) {
      // Until a first positive event the time is that of the newest event of any kind, so that a dislike is
      // not the first thing to be forgotten.
      let isFirstPositive = isPositive && items[place].count == 0
      if isFirstPositive {
        items[place].seconds = seconds
      } else if isPositive || items[place].count == 0 {
        items[place].seconds = max(items[place].seconds, seconds)
      }
      items[place].weight += weight
      if isPositive, items[place].count < .max { items[place].count += 1 }
      return
    }
    if items.count >= Limits.userItemsMax {
      var oldest = 0
      for index in 1..<items.count where items[index].seconds < items[oldest].seconds { oldest = index }
      items.remove(at: oldest)
    }
    items.append(UserItem(item: item, seconds: seconds, weight: weight, count: isPositive ? 1 : 0))
  }
}
