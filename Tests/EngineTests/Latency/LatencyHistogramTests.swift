import Engine
import Testing

struct LatencyHistogramTests {
  @Test func everyValueLiesNearTheMiddleOfItsBucket() {
    var last = -1
    for exponent in 0..<40 {
      for value in [UInt64(1) << exponent, (UInt64(1) << exponent) + (UInt64(1) << exponent) / 3] {
        let bucket = LatencyHistogram.bucket(of: value)
        #expect(bucket >= last, "buckets grow with values: \(value)")
        last = bucket
        let middle = LatencyHistogram.middle(of: bucket)
        #expect(abs(middle - Double(value)) <= max(1, Double(value) / 16), "\(value) is shown as \(middle)")
      }
    }
    #expect(LatencyHistogram.bucket(of: 0) == 0)
    #expect(LatencyHistogram.bucket(of: .max) == LatencyHistogram.bucketCount - 1)
  }

  @Test func quantilesOfSeveralHistogramsTogether() throws {
    let (left, right) = (LatencyHistogram(), LatencyHistogram())
    for value in 1...500 { left.record(UInt64(value) * 1_000) }
    for value in 501...1000 { right.record(UInt64(value) * 1_000, failed: value > 990) }
    var sum = LatencyHistogram.Sum()
    sum.add(left)
    sum.add(right)
    let report = try #require(sum.report("x"))
    #expect(report.count == 1000)
    #expect(report.errors == 10)
    #expect(abs(report.p50 - 500) < 32)
    #expect(abs(report.p99 - 990) < 62)
    #expect(report.p99 <= report.max)
    #expect(report.max == 1000)
    #expect(LatencyHistogram.Sum().report("x") == nil)
  }

  @Test func manyThreadsLoseNothing() async throws {
    let histogram = LatencyHistogram()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for value in 0..<10_000 { histogram.record(UInt64(value)) } }
      }
    }
    var sum = LatencyHistogram.Sum()
    sum.add(histogram)
    #expect(sum.report("x")?.count == 40_000)
  }
}
