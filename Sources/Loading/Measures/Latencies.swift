import Histogram

/// Durations in nanoseconds with three significant digits, up to an hour: an HdrHistogram (G. Tene). Fixed memory,
/// about 260 kB; merged by adding counts, never by averaging percentiles.
package struct Latencies: Sendable {
  private static let longest: UInt64 = 3_600_000_000_000
  private var histogram = Histogram<UInt64>(
    highestTrackableValue: longest, numberOfSignificantValueDigits: .three)

  package init() {}

  /// O(1). More than an hour counts as an hour.
  package mutating func record(_ nanoseconds: UInt64) {
    histogram.record(min(nanoseconds, Self.longest))
  }

  /// O(buckets).
  package mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

  package mutating func reset() { histogram.reset() }

  package var count: UInt64 { histogram.totalCount }

  /// Nanoseconds that this share (in percent) of the values does not exceed; 0 if there are none. O(buckets).
  package func percentile(_ percent: Double) -> UInt64 {
    count == 0 ? 0 : min(histogram.valueAtPercentile(percent), max)
  }

  package var max: UInt64 { count == 0 ? 0 : histogram.max }

  /// A footnote: one outlier moves it, and nobody experiences it.
  package var mean: Double { count == 0 ? 0 : histogram.mean }

  /// The percentile distribution in HdrHistogram's text format, milliseconds, for its plotters.
  package var distribution: String {
    var text = ""
    histogram.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1e6)
    return text
  }
}
