import Loading
import Testing

struct RateSweepTests {
  /// A step at a rate, its answers all this slow; `answered` of a thousand came in time.
  private func step(_ rate: Double, milliseconds: UInt64, answered: UInt64 = 1000, errors: UInt64 = 0)
    -> RateSweep.Step
  {
    var measurement = Measurement()
    measurement.duration = 1
    measurement.okInWindow = answered
    var tally = MethodTally()
    tally.offered = 1000
    tally.sent = 1000
    tally.ok = answered
    if errors > 0 { tally.errors = ["item_unknown": errors] }
    for _ in 0..<1000 { tally.intended.record(milliseconds * 1_000_000) }
    measurement.tallies[LoadMethod.recommend.rawValue] = tally
    return .init(rate: rate, measurement: measurement)
  }

  private func sweep(_ steps: [RateSweep.Step]) -> RateSweep {
    var sweep = RateSweep(.init(p99Milliseconds: 20))
    for step in steps { sweep.add(step) }
    return sweep
  }

  @Test func theKneeIsTheLastGoodRateBeforeTheFirstBadOne() {
    let fine = [step(100, milliseconds: 1), step(200, milliseconds: 3)]
    #expect(sweep(fine + [step(300, milliseconds: 50)]).knee?.rate == 200)
    #expect(sweep(fine + [step(300, milliseconds: 2, answered: 980)]).knee?.rate == 200)
    #expect(sweep(fine + [step(300, milliseconds: 2, errors: 1)]).knee?.rate == 200)
    // Good again beyond a bad one is luck; the order of running makes no difference.
    #expect(sweep([step(400, milliseconds: 2), step(300, milliseconds: 50)] + fine).knee?.rate == 200)
    #expect(sweep([step(100, milliseconds: 21)]).knee == nil)
    #expect(sweep(fine).knee?.rate == 200)
  }

  @Test func ratesGoFromATenthToBeyondTheMost() {
    #expect(RateSweep.rates(upTo: 1000).first == 100)
    #expect(RateSweep.rates(upTo: 1000).last == 1200)
    #expect(RateSweep.rates(upTo: 3).allSatisfy { $0 >= 1 })
  }

  /// Elements are closed in order, coordinates lie within the picture, and a higher latency is drawn higher up.
  @Test func thePlotIsWellFormedAndTheRightWayUp() throws {
    let steps = [step(100, milliseconds: 1), step(200, milliseconds: 3), step(300, milliseconds: 500)]
    let svg = LatencyPlot(sweep(steps), caption: "a < b & c").svg
    var open: [Substring] = []
    for tag in svg.split(separator: "<").dropFirst(0) where !tag.isEmpty {
      let inside = tag.prefix { $0 != ">" }
      #expect(tag.contains(">"))
      if inside.hasPrefix("/") {
        #expect(open.popLast() == inside.dropFirst())
      } else if !inside.hasSuffix("/") {
        open.append(inside.prefix { $0 != " " })
      }
    }
    #expect(open.isEmpty)
    #expect(svg.contains("a &lt; b &amp; c"))
    #expect(svg.contains("knee 200/s"))
    let points = try #require(
      svg.split(separator: "\n").first { $0.hasPrefix("<polyline") }?.split(separator: "\"")[1])
    let heights = points.split(separator: " ").compactMap { Double($0.split(separator: ",")[1]) }
    #expect(heights.count == 3)
    #expect(heights[0] > heights[1] && heights[1] > heights[2])
    #expect(heights.allSatisfy { (0...480).contains($0) })
    // One decade from 1 to 10 ms and so on: 3 ms lies 0.477 of a decade above 1 ms, 500 ms 2.699 decades.
    let ratio = (heights[0] - heights[1]) / (heights[0] - heights[2])
    #expect((ratio - 0.4771 / 2.699).magnitude < 0.01)
  }
}
