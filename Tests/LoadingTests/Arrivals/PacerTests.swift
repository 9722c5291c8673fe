import Loading
import Testing

struct PacerTests {
  @Test func constantArrivalsAreEquallyFarApartAndDoNotDrift() {
    var schedule = ArrivalSchedule(.constant, rate: 3, seed: 1)
    let moments = (0..<3_000_001).map { _ in schedule.next() }
    #expect(moments.prefix(4) == [0, 333_333_333, 666_666_667, 1_000_000_000])
    #expect(moments.last == 1_000_000_000_000_000)
  }

  /// Gaps of a Poisson process are exponential: compared with that distribution by Kolmogorov and Smirnov. The
  /// critical value 1.95/√n is passed by chance once in a thousand; seeds are fixed.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func poissonArrivalsHaveExponentialGaps(seed: UInt64) {
    let (rate, count) = (1000.0, 20_000)
    var schedule = ArrivalSchedule(.poisson, rate: rate, seed: seed)
    var last: UInt64 = 0
    var gaps: [Double] = []
    for _ in 0..<count {
      let moment = schedule.next()
      #expect(moment >= last)
      gaps.append(Double(moment - last) / 1e9)
      last = moment
    }
    gaps.sort()
    var distance = 0.0
    for (index, gap) in gaps.enumerated() {
      let expected = 1 - exponential(-rate * gap)
      distance = max(
        distance, (expected - Double(index) / Double(count)).magnitude,
        (Double(index + 1) / Double(count) - expected).magnitude)
    }
    #expect(distance < 1.95 / Double(count).squareRoot(), "seed \(seed)")
  }

  /// A fake clock: the caller sleeps for a second in which ten requests were due, and gets all ten with the moments
  /// they were due at, not with the moment it woke up.
  @Test func whoOversleepsGetsTheMomentsItMissed() {
    var pacer = Pacer(open: ArrivalSchedule(.constant, rate: 10, seed: 1), start: 1_000, end: 3_000_001_000)
    func drain(_ now: UInt64) -> [UInt64] {
      var moments: [UInt64] = []
      while let moment = pacer.due(now: now, inFlight: 0) {
        moments.append(moment)
        pacer.take()
      }
      return moments
    }
    #expect(drain(999) == [])
    #expect(drain(1_000) == [1_000])
    #expect(pacer.wakeAt == 100_001_000)
    #expect(drain(100_000_999) == [])
    #expect(drain(1_100_000_999) == (1...10).map { 1_000 + UInt64($0) * 100_000_000 })
    // What is left is unsent, up to the end and not beyond.
    var left: [UInt64] = []
    pacer.abandon { left.append($0) }
    #expect(left == (11...29).map { 1_000 + UInt64($0) * 100_000_000 })
    #expect(pacer.due(now: .max, inFlight: 0) == nil)
    #expect(pacer.wakeAt == nil)
  }

  @Test func aMomentThatIsNotTakenIsDueAgain() {
    let pacer = Pacer(open: ArrivalSchedule(.constant, rate: 10, seed: 1), start: 0, end: 1_000_000_000)
    #expect(pacer.due(now: 5, inFlight: 0) == 0)
    #expect(pacer.due(now: 500_000_000, inFlight: 1_000_000) == 0)
  }

  @Test func aClosedLoopWaitsForAnswersAndIntendsNothing() {
    let pacer = Pacer(closed: 2, start: 0, end: 100)
    #expect(pacer.due(now: 10, inFlight: 0) == 10)
    #expect(pacer.due(now: 20, inFlight: 1) == 20)
    #expect(pacer.due(now: 30, inFlight: 2) == nil)
    #expect(pacer.due(now: 100, inFlight: 0) == nil)
    #expect(pacer.wakeAt == nil)
  }

  /// By its series, so that the expectation does not come from the same library call as the sampler's logarithm.
  private func exponential(_ x: Double) -> Double {
    let halvings = 10
    var base = 1.0
    var term = 1.0
    let small = x / Double(1 << halvings)
    for n in 1..<20 {
      term *= small / Double(n)
      base += term
    }
    for _ in 0..<halvings { base *= base }
    return base
  }
}
