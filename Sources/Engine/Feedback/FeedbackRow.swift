import Vocabulary

/// What lists of one kind did: since the start, and within the last hour in twelve buckets.
struct FeedbackRow: Sendable {
  static let bucketSeconds: Int64 = 300
  static let bucketCount = 12

  private struct Bucket: Sendable {
    /// Number of the five minutes since 1970; -1 while unused.
    var number: Int64 = -1
    var counts = FeedbackCounts()
    var distinct = DistinctCounter()
  }

  private var total = FeedbackCounts()
  private var distinct = DistinctCounter()
  private var buckets = [Bucket](repeating: Bucket(), count: bucketCount)
  /// Of the lists' weights, one over how likely each was, and of those with a click.
  private(set) var weights = WeightedSums()

  mutating func add(_ now: Timestamp, _ change: (inout FeedbackCounts) -> Void) {
    change(&total)
    let place = turn(to: now)
    change(&buckets[place].counts)
  }

  mutating func show(_ hash: UInt64, _ now: Timestamp) {
    distinct.insert(hash)
    buckets[turn(to: now)].distinct.insert(hash)
  }

  mutating func weigh(_ weight: Double) { weights.add(weight) }
  mutating func weighClick(_ weight: Double) { weights.succeed(weight) }

  private mutating func turn(to now: Timestamp) -> Int {
    let number = max(0, now.seconds) / Self.bucketSeconds
    let place = Int(number % Int64(Self.bucketCount))
    if buckets[place].number != number {
      buckets[place].number = number
      buckets[place].counts = FeedbackCounts()
      buckets[place].distinct.removeAll()
    }
    return place
  }

  func report(_ key: FeedbackKey, now: Timestamp, catalogue: UInt64) -> FeedbackReport {
    var report = FeedbackReport(key)
    report.total = total
    report.total.distinctItems = distinct.estimate
    let current = max(0, now.seconds) / Self.bucketSeconds
    report.hour = sum { $0 > current - Int64(Self.bucketCount) && $0 <= current }
    report.minutes = sum { $0 >= current - 1 && $0 <= current }
    report.catalogue = catalogue
    return report
  }

  private func sum(_ isWithin: (Int64) -> Bool) -> FeedbackCounts {
    var counts = FeedbackCounts()
    var distinct = DistinctCounter()
    for bucket in buckets where bucket.number >= 0 && isWithin(bucket.number) {
      counts.add(bucket.counts)
      distinct.merge(bucket.distinct)
    }
    counts.distinctItems = distinct.estimate
    return counts
  }
}

extension FeedbackCounts {
  mutating func add(_ other: FeedbackCounts) {
    lists &+= other.lists
    shown &+= other.shown
    clickedLists &+= other.clickedLists
    clicks &+= other.clicks
    convertedLists &+= other.convertedLists
    conversions &+= other.conversions
    noveltyBits += other.noveltyBits
    noveltyItems &+= other.noveltyItems
  }
}
