import Loading
import Testing

struct LatenciesTests {
  /// The value at a rank of the sorted list, three significant digits.
  @Test func percentilesAreThoseOfTheSortedValues() {
    var numbers = SplitMix(seed: 3)
    var latencies = Latencies()
    var values = (0..<10_000).map { _ in UInt64(numbers.nextExponential() * 5e6) + 1 }
    for value in values { latencies.record(value) }
    values.sort()
    for percent in [1.0, 50, 90, 99, 99.9, 100] {
      let rank = max(1, Int((Double(values.count) * percent / 100).rounded(.up)))
      let expected = Double(values[rank - 1])
      let error = (Double(latencies.percentile(percent)) - expected).magnitude
      #expect(error <= expected / 1000 + 1, "percent \(percent)")
    }
    #expect(latencies.count == 10_000)
  }

  @Test func mergedIsTheSameAsRecordedTogether() {
    var numbers = SplitMix(seed: 4)
    var parts = [Latencies](repeating: Latencies(), count: 3)
    var whole = Latencies()
    for index in 0..<9_000 {
      // The parts differ by orders of magnitude, so averaging percentiles would be far off.
      let value = UInt64(numbers.nextUnit() * [1e5, 1e7, 1e9][index % 3])
      parts[index % 3].record(value)
      whole.record(value)
    }
    var merged = Latencies()
    for part in parts { merged.add(part) }
    #expect(merged.count == whole.count)
    for percent in stride(from: 0.5, through: 100, by: 0.5) {
      #expect(merged.percentile(percent) == whole.percentile(percent))
    }
    #expect(merged.max == whole.max)
    #expect(merged.distribution == whole.distribution)
  }

  @Test func nothingRecordedIsZeroAndMoreThanAnHourIsAnHour() {
    var latencies = Latencies()
    #expect(latencies.percentile(99) == 0 && latencies.max == 0)
    latencies.record(.max)
    #expect(latencies.count == 1)
    #expect(latencies.max >= 3_600_000_000_000 && latencies.max < 3_604_000_000_000)
  }
}
