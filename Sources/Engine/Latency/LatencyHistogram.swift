import Synchronization
import Vocabulary

/// How long something took, counted in buckets whose width is a sixteenth of their value, so that a quantile is
/// off by at most 6 %. The layout is that of HdrHistogram (Tene): a power of two, then equal parts of it.
///
/// Any thread records and reads; nothing waits. A reader may see a count without its sum, which for a status
/// page does not matter.
package final class LatencyHistogram: Sendable {
  /// 2^41 nanoseconds, 36 minutes: longer than any request may take.
  package static let bucketCount = 608

  private let buckets = InlineArray<608, Atomic<UInt64>> { _ in Atomic(0) }
  private let errorCount = Atomic<UInt64>(0)
  private let longest = Atomic<UInt64>(0)

  package init() {}

  /// One relaxed addition; on an event loop's own histogram nobody contends for it.
  package func record(_ nanoseconds: UInt64, failed: Bool = false) {
    buckets[Self.bucket(of: nanoseconds)].add(1, ordering: .relaxed)
    if failed { errorCount.add(1, ordering: .relaxed) }
    if nanoseconds > longest.load(ordering: .relaxed) { longest.max(nanoseconds, ordering: .relaxed) }
  }

  package static func bucket(of nanoseconds: UInt64) -> Int {
    guard nanoseconds >= 16 else { return Int(nanoseconds) }
    let exponent = 63 - nanoseconds.leadingZeroBitCount
    let part = Int((nanoseconds >> UInt64(exponent - 4)) & 15)
    return min(bucketCount - 1, (exponent - 3) * 16 + part)
  }

  /// The middle of a bucket, nanoseconds.
  package static func middle(of bucket: Int) -> Double {
    guard bucket >= 16 else { return Double(bucket) }
    let (exponent, part) = (bucket / 16 + 3, bucket % 16)
    let width = Double(UInt64(1) << UInt64(exponent - 4))
    return Double(UInt64(1) << UInt64(exponent)) + (Double(part) + 0.5) * width
  }

  /// The counts of several histograms, added up.
  package struct Sum {
    private var buckets = [UInt64](repeating: 0, count: bucketCount)
    private var errors: UInt64 = 0
    private var longest: UInt64 = 0

    package init() {}

    package mutating func add(_ histogram: LatencyHistogram) {
      for index in buckets.indices {
        buckets[index] &+= histogram.buckets[index].load(ordering: .relaxed)
      }
      errors &+= histogram.errorCount.load(ordering: .relaxed)
      longest = max(longest, histogram.longest.load(ordering: .relaxed))
    }

    /// For `Status`; nil if nothing was counted.
    package func report(_ name: String) -> LatencyReport? {
      let count = buckets.reduce(0, &+)
      guard count > 0 else { return nil }
      var report = LatencyReport(name: name)
      report.count = count
      report.errors = errors
      report.p50 = microseconds(quantile: 0.5, of: count)
      report.p99 = microseconds(quantile: 0.99, of: count)
      report.max = Float(Double(longest) / 1_000)
      return report
    }

    private func microseconds(quantile: Double, of count: UInt64) -> Float {
      let rank = UInt64((Double(count) * quantile).rounded(.up))
      var seen: UInt64 = 0
      for (index, bucket) in buckets.enumerated() {
        seen &+= bucket
        // Never above the largest value there was, which the middle of its bucket may be.
        if seen >= rank { return Float(min(middle(of: index), Double(longest)) / 1_000) }
      }
      return Float(Double(longest) / 1_000)
    }
  }
}
