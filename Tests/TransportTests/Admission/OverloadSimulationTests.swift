import Glibc
import Testing
import Transport
import Vocabulary

/// One server, Poisson arrivals and a simulated clock: what callers get when more is asked than can be done.
@Suite struct OverloadSimulationTests {
  static let millisecond = 1e6
  /// Of one read, nanoseconds: 2,500 a second is all the server can do.
  static let service = 0.4 * millisecond

  struct Outcome {
    var served: [RequestClass: Int] = [:]
    var refused: [RequestClass: Int] = [:]
    /// Waits of those that were served, nanoseconds.
    var waits: [RequestClass: [UInt64]] = [:]
    var lastRefusal = 0.0
  }

  /// A generator that needs nothing of the program (Steele, Lea, Flood: SplitMix, 2014).
  struct Numbers {
    var state: UInt64
    mutating func unit() -> Double {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
  }

  /// - Parameters:
  ///   - rates: arrivals in a second by class, up to each moment in seconds.
  ///   - from: what is counted begins here, seconds.
  ///   - pause: seconds for which somebody else has the processor, four times a second.
  func simulate(
    _ rates: [(until: Double, rates: [RequestClass: Double])], countingFrom from: Double, seed: UInt64,
    pausing pause: Double = 0
  ) -> Outcome {
    var numbers = Numbers(state: seed)
    var arrivals: [(at: Double, class: RequestClass)] = []
    var begin = 0.0
    for phase in rates {
      for (`class`, rate) in phase.rates.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        var at = begin * 1e9
        while true {
          at += -log(1 - numbers.unit()) / rate * 1e9
          if at >= phase.until * 1e9 { break }
          arrivals.append((at, `class`))
        }
      }
      begin = phase.until
    }
    arrivals.sort { $0.at < $1.at }
    var waiting = WaitingRequests<Int>(target: 20_000_000, interval: 100_000_000, bytesMax: 1 << 30)
    var (outcome, place, now) = (Outcome(), 0, 0.0)
    var nextPause = pause > 0 ? 0.25e9 : .infinity
    while true {
      if now >= nextPause {
        now += pause * 1e9
        nextPause += 0.25e9
      }
      while place < arrivals.count, arrivals[place].at <= now {
        _ = waiting.arrived(place, arrivals[place].class, bytes: 100, at: UInt64(arrivals[place].at))
        place += 1
      }
      switch waiting.next(at: UInt64(now)) {
      case .serve(let number, let `class`, let waited):
        now += Self.service
        guard arrivals[number].at >= from * 1e9 else { continue }
        outcome.served[`class`, default: 0] += 1
        outcome.waits[`class`, default: []].append(waited)
      case .refuse(let number, let `class`, _):
        // Telling somebody takes a fiftieth of serving him.
        now += Self.service / 50
        outcome.lastRefusal = now / 1e9
        if arrivals[number].at >= from * 1e9 { outcome.refused[`class`, default: 0] += 1 }
      case .nothing:
        guard place < arrivals.count else { return outcome }
        now = max(now, arrivals[place].at)
      }
    }
  }

  private func p99(_ values: [UInt64]?) -> UInt64 {
    let sorted = (values ?? []).sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count * 99 / 100]
  }

  @Test(arguments: [2.0, 5.0], [UInt64(1), 2, 3])
  func overloadIsServedAtFullSpeedWithinBounds(times: Double, seed: UInt64) {
    let outcome = simulate([(10, [.read: 2_500 * times])], countingFrom: 1, seed: seed)
    // Of the 9 s, what telling the others takes: a fiftieth each.
    let spent = 1 + (times - 1) / 50
    let served = Double(outcome.served[.read] ?? 0)
    #expect(served >= 0.97 * 2_500 * 9 / spent, "seed \(seed)")
    #expect(p99(outcome.waits[.read]) <= 40_000_000, "seed \(seed)")
  }

  /// After each pause everybody has waited too long and is refused, so the queue gets short in every interval.
  @Test(arguments: [2.0, 5.0], [UInt64(1), 2, 3])
  func aMachineThatWorksInFitsHasBoundsToo(times: Double, seed: UInt64) {
    let outcome = simulate([(10, [.read: 2_500 * times])], countingFrom: 1, seed: seed, pausing: 0.06)
    let share = (1 - 0.06 / 0.25) / (1 + (times - 1) / 50)
    #expect(Double(outcome.served[.read] ?? 0) >= 0.9 * 2_500 * 9 * share, "seed \(seed)")
    #expect(p99(outcome.waits[.read]) <= 45_000_000, "seed \(seed)")
  }

  @Test(arguments: [UInt64(1), 2, 3]) func belowCapacityNothingIsRefused(seed: UInt64) {
    let outcome = simulate([(20, [.read: 2_250])], countingFrom: 0, seed: seed)
    #expect(outcome.refused.isEmpty, "seed \(seed)")
  }

  @Test(arguments: [UInt64(1), 2, 3]) func recoveryTakesLessThanHalfASecond(seed: UInt64) {
    let outcome = simulate(
      [(5, [.read: 12_500]), (10, [.read: 1_250])], countingFrom: 5.5, seed: seed)
    #expect(outcome.lastRefusal > 4.9 && outcome.lastRefusal < 5.5, "seed \(seed)")
    #expect(outcome.refused.isEmpty)
    #expect(p99(outcome.waits[.read]) < 10_000_000, "seed \(seed)")
  }

  @Test(arguments: [UInt64(1), 2, 3]) func bulkGivesWayToIngestAndIngestToReads(seed: UInt64) {
    // Reads alone leave a fifth; ingest takes three times that, bulk would take everything.
    let outcome = simulate(
      [(30, [.read: 2_000, .ingest: 1_500, .admin: 5, .bulk: 2_500])], countingFrom: 10, seed: seed)
    #expect(outcome.refused[.read] == nil, "seed \(seed)")
    #expect(p99(outcome.waits[.read]) < 10_000_000, "seed \(seed)")
    #expect(outcome.served[.ingest, default: 0] > 6_000, "seed \(seed)")
    #expect(p99(outcome.waits[.ingest]) <= 200_000_000, "seed \(seed)")
    // One turn in 64 is 40 a second, more than operators ask for.
    #expect(outcome.refused[.admin] == nil, "seed \(seed)")
    // What came in the last second is served when nothing more comes.
    #expect(outcome.served[.bulk, default: 0] < 2_700, "seed \(seed)")
    #expect(outcome.refused[.bulk, default: 0] > 40_000, "seed \(seed)")
  }

  // MARK: A model

  /// The rules as sentences, on plain lists.
  struct Model {
    struct One { var name: Int; var `class`: RequestClass; var at: UInt64 }
    var ones: [One] = []
    var turns = 0
    var refusals = 0
    /// For each class: when its interval ends, the shortest wait seen in it, whether the one before was too long.
    var ends = [UInt64](repeating: 0, count: 5)
    var shortest = [UInt64?](repeating: nil, count: 5)
    var isLong = [Bool](repeating: false, count: 5)
    /// For each class: whether anybody was too late in this interval.
    var hadLate = [Bool](repeating: false, count: 5)
    let target: UInt64 = 20
    let interval: UInt64 = 200

    mutating func next(_ now: UInt64) -> String {
      for `class` in RequestClass.allCases {
        let place = `class`.rawValue
        let (target, interval) = (target * `class`.patience, interval * `class`.patience)
        let oldest = ones.first { $0.class == `class` }
        let wait = oldest.map { now - $0.at } ?? 0
        if now >= ends[place] {
          let wasLookedAt = now < ends[place] + interval
          isLong[place] = wasLookedAt && (hadLate[place] || shortest[place].map { $0 > target } == true)
          hadLate[place] = false
          shortest[place] = wait
          ends[place] = now + interval
        } else {
          shortest[place] = shortest[place].map { min($0, wait) } ?? wait
        }
        let others = ones.contains { $0.class.rawValue < place }
        let isLate = wait > interval || isLong[place] && wait > 2 * target
        if isLate { hadLate[place] = true }
        if let oldest, isLate, !others || refusals < 4 {
          refusals += 1
          ones.removeAll { $0.name == oldest.name }
          return "refuse \(oldest.name)"
        }
      }
      if ones.isEmpty { return "nothing" }
      turns += 1
      refusals = 0
      let order: [RequestClass] =
        turns % 64 == 0 ? [.admin, .health, .read, .ingest, .bulk] : RequestClass.allCases
      for `class` in order {
        if let oldest = ones.first(where: { $0.class == `class` }) {
          ones.removeAll { $0.name == oldest.name }
          return "serve \(oldest.name)"
        }
      }
      return "nothing"
    }
  }

  @Test(arguments: 1...20) func itDoesWhatTheModelDoes(seed: Int) {
    var numbers = Numbers(state: UInt64(seed))
    var (waiting, model) = (WaitingRequests<Int>(target: 20, interval: 200, bytesMax: 1 << 30), Model())
    var now: UInt64 = 1_000
    var counts: [Substring: Int] = [:]
    for name in 0..<4_000 {
      // Calm and storms: how much comes for each that is served changes every 500.
      let pressure = [0.4, 3, 0.9, 1.5][name / 500 % 4]
      if numbers.unit() < 0.9 {
        let drawn = numbers.unit()
        let `class`: RequestClass = drawn < 0.6 ? .read : drawn < 0.8 ? .ingest : drawn < 0.9 ? .admin : .bulk
        _ = waiting.arrived(name, `class`, bytes: 1, at: now)
        model.ones.append(.init(name: name, class: `class`, at: now))
      }
      while numbers.unit() > pressure / (1 + pressure) {
        let said: String
        switch waiting.next(at: now) {
        case .serve(let one, _, _): said = "serve \(one)"
        case .refuse(let one, _, _): said = "refuse \(one)"
        case .nothing: said = "nothing"
        }
        let expected = model.next(now)
        #expect(said == expected, "seed \(seed), at \(now)")
        if said != expected { return }
        counts[said.prefix { $0 != " " }, default: 0] += 1
        now += UInt64(numbers.unit() * 12)
      }
      now += UInt64(numbers.unit() * 3)
      #expect(waiting.count == model.ones.count)
    }
    #expect(counts["serve", default: 0] > 500 && counts["refuse", default: 0] > 50, "seed \(seed): \(counts)")
  }
}
