import Synchronization

/// Whole numbers (nanoseconds, bytes, entries) counted in buckets whose width is a sixteenth of their value, so
/// that a quantile is off by at most 6 %. The layout is that of HdrHistogram (Tene): a power of two, then equal
/// parts of it.
///
/// Any thread records and reads; nothing waits. A reader may see a count without its sum, which for a status
/// page does not matter.
package final class Histogram: Sendable {
  /// Up to 2^51: 26 days in nanoseconds. What is larger falls into the last bucket.
  package static let bucketCount = 768

  private let buckets = InlineArray<768, Atomic<UInt64>> { _ in Atomic(0) }
  private let total = Atomic<UInt64>(0)
  private let errorCount = Atomic<UInt64>(0)
  private let longest = Atomic<UInt64>(0)

  package init() {}

  /// Two relaxed additions; on an event loop's own histogram nobody contends for them.
  package func record(_ value: UInt64, failed: Bool = false) {
    buckets[Self.bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
    total.wrappingAdd(value, ordering: .relaxed)
    if failed { errorCount.wrappingAdd(1, ordering: .relaxed) }
    if value > longest.load(ordering: .relaxed) { longest.max(value, ordering: .relaxed) }
  }

  package static func bucket(of value: UInt64) -> Int {
    guard value >= 16 else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    let part = Int((value >> UInt64(exponent - 4)) & 15)
    return min(bucketCount - 1, (exponent - 3) * 16 + part)
  }

  /// The middle of a bucket.
  package static func middle(of bucket: Int) -> Double {
    guard bucket >= 16 else { return Double(bucket) }
    let (exponent, part) = (bucket / 16 + 3, bucket % 16)
    let width = Double(UInt64(1) << UInt64(exponent - 4))
    return Double(UInt64(1) << UInt64(exponent)) + (Double(part) + 0.5) * width
  }

  /// The counts of several histograms, added up. A copy: it does not change any more.
  package struct Sum: Sendable {
    private var buckets = [UInt64](repeating: 0, count: bucketCount)
    /// All values added up; wraps at 2^64.
    package private(set) var total: UInt64 = 0
    package private(set) var errors: UInt64 = 0
    package private(set) var longest: UInt64 = 0

    package init() {}

    package init(_ histograms: [Histogram]) {
      for histogram in histograms { add(histogram) }
    }

    package mutating func add(_ histogram: Histogram) {
      for index in buckets.indices {
        buckets[index] &+= histogram.buckets[index].load(ordering: .relaxed)
      }
      total &+= histogram.total.load(ordering: .relaxed)
      errors &+= histogram.errorCount.load(ordering: .relaxed)
      longest = max(longest, histogram.longest.load(ordering: .relaxed))
    }

    /// How many values were recorded.
    package var count: UInt64 { buckets.reduce(0, &+) }

    /// How many values were below 2^exponent: exact, because every power of two begins a bucket. Beyond the
    /// layout's end, all of them.
    package func count(belowPowerOfTwo exponent: Int) -> UInt64 {
      let end = exponent > 50 ? bucketCount : Histogram.bucket(of: UInt64(1) << UInt64(max(0, exponent)))
      return buckets[..<end].reduce(0, &+)
    }

    /// The value below which this share of all lies, to 6 %; 0 if there is none.
    package func quantile(_ share: Double) -> Double {
      let rank = UInt64((Double(count) * share).rounded(.up))
      var seen: UInt64 = 0
      for (index, bucket) in buckets.enumerated() {
        seen &+= bucket
        // Never above the largest value there was, which the middle of its bucket may be.
        if seen >= rank, bucket > 0 || rank == 0 { return min(middle(of: index), Double(longest)) }
      }
      return Double(longest)
    }
  }
}
