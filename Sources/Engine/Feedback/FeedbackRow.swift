import Storage
import Vocabulary

/// What lists of one kind did: since the first, and within the last hour in twelve buckets.
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

  mutating func add(_ now: Timestamp, _ change: (inout FeedbackCounts) -> Void) {
    change(&total)
    let place = turn(to: now)
    change(&buckets[place].counts)
  }

  mutating func show(_ hash: UInt64, _ now: Timestamp) {
    distinct.insert(hash)
    buckets[turn(to: now)].distinct.insert(hash)
  }

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

// MARK: Bytes

extension FeedbackRow {
  func write(into writer: inout ByteWriter) {
    total.write(into: &writer)
    distinct.write(into: &writer)
    let used = buckets.filter { $0.number >= 0 }.sorted { $0.number < $1.number }
    writer.append(count: used.count)
    for bucket in used {
      writer.append(varint: UInt64(clamping: bucket.number))
      bucket.counts.write(into: &writer)
      bucket.distinct.write(into: &writer)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    total = try FeedbackCounts(&reader)
    distinct = try DistinctCounter(&reader)
    for _ in 0..<(try reader.count(least: 8)) {
      guard let number = Int64(exactly: try reader.varint()) else {
        throw MalformedBytes("no five minutes", at: reader.offset)
      }
      let place = Int(number % Int64(Self.bucketCount))
      buckets[place] = Bucket(
        number: number, counts: try FeedbackCounts(&reader), distinct: try DistinctCounter(&reader))
    }
  }
}

extension FeedbackCounts {
  /// Different items are not among them: they are counted by `DistinctCounter`.
  func write(into writer: inout ByteWriter) {
    for count in [lists, shown, clickedLists, clicks, convertedLists, conversions, noveltyItems] {
      writer.append(varint: count)
    }
    writer.append(double: noveltyBits)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    self.init()
    lists = try reader.varint()
    shown = try reader.varint()
    clickedLists = try reader.varint()
    clicks = try reader.varint()
    convertedLists = try reader.varint()
    conversions = try reader.varint()
    noveltyItems = try reader.varint()
    noveltyBits = try reader.double()
    try reader.check(noveltyBits, ofItems: noveltyItems)
  }

  /// Ends at the most there can be, so that what is written can always be read.
  mutating func addNovelty(_ bits: Double, ofItems items: UInt64) {
    let (sum, isTooMuch) = noveltyItems.addingReportingOverflow(items)
    noveltyItems = isTooMuch ? .max : sum
    let most = 64 * Double(noveltyItems)
    noveltyBits = max(-most, min(most, noveltyBits + bits))
  }

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
