import Metering
import Testing

struct HistogramTests {
  @Test func everyValueLiesNearTheMiddleOfItsBucket() {
    var last = -1
    for exponent in 0..<50 {
      for value in [UInt64(1) << exponent, (UInt64(1) << exponent) + (UInt64(1) << exponent) / 3] {
        let bucket = Histogram.bucket(of: value)
        #expect(bucket >= last, "buckets grow with values: \(value)")
        last = bucket
        let middle = Histogram.middle(of: bucket)
        #expect(abs(middle - Double(value)) <= max(1, Double(value) / 16), "\(value) is shown as \(middle)")
      }
    }
    #expect(Histogram.bucket(of: 0) == 0)
    #expect(Histogram.bucket(of: .max) == Histogram.bucketCount - 1)
  }

  @Test func quantilesOfSeveralHistogramsTogether() throws {
    let (left, right) = (Histogram(), Histogram())
    for value in 1...500 { left.record(UInt64(value) * 1_000) }
    for value in 501...1000 { right.record(UInt64(value) * 1_000, failed: value > 990) }
    var sum = Histogram.Sum()
    sum.add(left)
    sum.add(right)
    #expect(sum.count == 1000)
    #expect(sum.errors == 10)
    #expect(sum.total == 500_500_000)
    #expect(abs(sum.quantile(0.5) - 500_000) < 32_000)
    #expect(abs(sum.quantile(0.99) - 990_000) < 62_000)
    #expect(sum.quantile(0.99) <= Double(sum.longest))
    #expect(sum.longest == 1_000_000)
    #expect(Histogram.Sum().count == 0)
    #expect(Histogram.Sum().quantile(0.5) == 0)
  }

  @Test func countsBelowAPowerOfTwoAreExact() {
    let histogram = Histogram()
    var values: [UInt64] = [0, 1, 2, 3, 15, 16, 17, 31, 32, 1023, 1024, 1025, 1 << 40, (1 << 40) - 1]
    values.append(UInt64.max)
    for value in values { histogram.record(value) }
    let sum = Histogram.Sum([histogram])
    for exponent in 0...50 {
      let expected = values.filter { $0 < UInt64(1) << UInt64(exponent) }.count
      #expect(sum.count(belowPowerOfTwo: exponent) == UInt64(expected), "below 2^\(exponent)")
    }
    #expect(sum.count(belowPowerOfTwo: 51) == UInt64(values.count))
  }

  @Test func manyThreadsLoseNothing() async throws {
    let histogram = Histogram()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for value in 0..<10_000 { histogram.record(UInt64(value)) } }
      }
    }
    var sum = Histogram.Sum()
    sum.add(histogram)
    #expect(sum.count == 40_000)
  }
}
