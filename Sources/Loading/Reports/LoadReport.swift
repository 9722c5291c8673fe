import FoundationEssentials
import Vocabulary

/// A run as `--json` prints it. Names, once there, keep their meaning; new ones may be added.
package struct LoadReport: Encodable, Sendable {
  package struct Surroundings: Encodable, Sendable {
    var processor: String
    var cores: Int
    var kernel: String
    var version: String
    var debug_build: Bool
    var daemon_version: String
    var durability: String
    var loopback: Bool
    var address: String
  }
  package struct Plan: Encodable, Sendable {
    /// `open` or `closed`.
    var loop: String
    /// `poisson`, `constant` or `none`.
    var arrivals: String
    /// Requests a second; 0 in a closed loop.
    var rate: Double
    /// Requests under way in a closed loop; 0 in an open one.
    var concurrency: Int
    var seconds: Double
    var warmup_seconds: Double
    var connections: Int
    var in_flight_per_connection: Int
    var timeout_ms: UInt32
    /// As text: JSON numbers do not hold 64 bits everywhere.
    var seed: String
    var run: String
    /// Weights by method.
    var mix: [String: Double]
    var users: Int
    var items: Int
    var zipf_users: Double
    var zipf_items: Double
    var cold_share: Double
    var k: UInt32
    var batch: Int
    /// Empty without one.
    var filter: String
    var filtered_share: Double
    var tenant: String
  }
  package struct Quantiles: Encodable, Sendable {
    var p50_us: Double
    var p90_us: Double
    var p99_us: Double
    var p999_us: Double
    var p9999_us: Double
    var max_us: Double
    var mean_us: Double

    init(_ latencies: Latencies) {
      func micro(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1000 }
      p50_us = micro(latencies.percentile(50))
      p90_us = micro(latencies.percentile(90))
      p99_us = micro(latencies.percentile(99))
      p999_us = micro(latencies.percentile(99.9))
      p9999_us = micro(latencies.percentile(99.99))
      max_us = micro(latencies.max)
      mean_us = (latencies.mean / 100).rounded() / 10
    }
  }
  package struct Tally: Encodable, Sendable {
    var offered: UInt64
    var sent: UInt64
    var ok: UInt64
    var shed: UInt64
    var timed_out: UInt64
    var error: UInt64
    var errors: [String: UInt64]
    var unsent: UInt64
    /// From the intended moment.
    var latency: Quantiles
    /// From the moment of sending.
    var service: Quantiles

    init(_ tally: MethodTally) {
      offered = tally.offered
      sent = tally.sent
      ok = tally.ok
      shed = tally.shed
      timed_out = tally.timedOut
      error = tally.errorCount
      errors = tally.errors
      unsent = tally.unsent
      latency = Quantiles(tally.intended)
      service = Quantiles(tally.service)
    }
  }
  package struct Second: Encodable, Sendable {
    var second: Int
    var warmup: Bool
    var sent: UInt64
    var ok: UInt64
    var shed: UInt64
    var failed: UInt64
    var in_flight: Int
    var p50_us: Double
    var p99_us: Double
    var max_us: Double
  }
  package struct Generator: Encodable, Sendable {
    var lag_p99_us: Double
    var lag_max_us: Double
    var processor_share: Double
    var late: Bool
  }
  package struct Verified: Encodable, Sendable {
    var holds: Bool
    var acknowledged: UInt64
    var present: UInt64
    var lost: UInt64
    var moved: UInt64
    var refused: UInt64
    var repeated: UInt64
    /// -1 if the span of positions was too long to look.
    var gaps: Int64
    var unknown: UInt64
    var unknown_present: UInt64
    var other_writers: Bool
    var examples: [String]
  }

  var format = 1
  var environment: Surroundings
  var plan: Plan
  var total: Tally
  var methods: [String: Tally]
  /// Good answers a second.
  var achieved_rate: Double
  /// Of what was offered; 0 in a closed loop, which offers nothing.
  var achieved_share: Double
  var held_rate: Bool
  var events_sent: UInt64
  var connections_lost: Int
  var slates_sampled: UInt64
  var slates_empty: UInt64
  var generator: Generator
  var seconds: [Second]
  /// Absent without `--verify`.
  var verification: Verified?

  package init(
    _ plan: LoadPlan, _ environment: Environment, _ measurement: Measurement, _ verification: Verification?
  ) {
    self.environment = Surroundings(environment)
    self.plan = Plan(plan)
    total = Tally(measurement.total)
    methods = [:]
    for method in LoadMethod.allCases where plan.mix.includes(method) {
      methods[method.name] = Tally(measurement.tallies[method.rawValue])
    }
    achieved_rate = measurement.achievedRate
    achieved_share = plan.isClosed ? 0 : measurement.achieved
    held_rate = plan.isClosed || measurement.heldRate
    events_sent = measurement.eventsSent
    connections_lost = measurement.connectionsLost
    slates_sampled = measurement.slatesSampled
    slates_empty = measurement.slatesEmpty
    generator = Generator(
      lag_p99_us: Double(measurement.lag.percentile(99)) / 1000,
      lag_max_us: Double(measurement.lag.max) / 1000, processor_share: measurement.processorShare,
      late: measurement.generatorWasLate)
    seconds = measurement.seconds.map { row in
      Second(
        second: row.second, warmup: row.isWarmup, sent: row.sent, ok: row.ok, shed: row.shed,
        failed: row.failed, in_flight: row.inFlight, p50_us: Double(row.p50) / 1000,
        p99_us: Double(row.p99) / 1000, max_us: Double(row.max) / 1000)
    }
    self.verification = verification.map(Verified.init)
  }

  /// Names sorted, so that two reports can be compared line by line.
  package var json: String { LoadReport.json(self) }

  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Every number in a report is finite, so encoding cannot fail.
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

extension LoadReport.Surroundings {
  init(_ environment: Environment) {
    self.init(
      processor: environment.processor, cores: environment.cores, kernel: environment.kernel,
      version: environment.version, debug_build: environment.isDebugBuild,
      daemon_version: environment.daemonVersion, durability: environment.durability,
      loopback: environment.isLoopback, address: environment.address)
  }
}

extension LoadReport.Plan {
  init(_ plan: LoadPlan) {
    var (loop, arrivals, rate, concurrency) = ("open", "none", 0.0, 0)
    switch plan.loop {
    case .open(let kind, let asked): (arrivals, rate) = (kind.rawValue, asked)
    case .closed(let asked): (loop, concurrency) = ("closed", asked)
    }
    var mix: [String: Double] = [:]
    for method in LoadMethod.allCases where plan.mix.includes(method) {
      mix[method.name] = plan.mix.weights[method.rawValue]
    }
    self.init(
      loop: loop, arrivals: arrivals, rate: rate, concurrency: concurrency, seconds: plan.seconds,
      warmup_seconds: plan.warmupSeconds, connections: plan.connections,
      in_flight_per_connection: plan.inFlightPerConnection, timeout_ms: plan.timeoutMilliseconds,
      seed: String(plan.seed), run: String(plan.run, radix: 16), mix: mix, users: plan.users.count,
      items: plan.items.count, zipf_users: plan.users.exponent, zipf_items: plan.items.exponent,
      cold_share: plan.coldShare, k: plan.k, batch: plan.batch, filter: plan.filter,
      filtered_share: plan.filter.isEmpty ? 0 : plan.filteredShare, tenant: plan.tenant)
  }
}

extension LoadReport.Verified {
  init(_ verification: Verification) {
    self.init(
      holds: verification.holds, acknowledged: verification.acknowledged, present: verification.present,
      lost: verification.lost, moved: verification.moved, refused: verification.refused,
      repeated: verification.repeated, gaps: verification.gaps.map { Int64(clamping: $0) } ?? -1,
      unknown: verification.unknown, unknown_present: verification.unknownPresent,
      other_writers: verification.hasOtherWriters, examples: verification.examples)
  }
}

/// A sweep as `--json` prints it.
package struct SweepReport: Encodable, Sendable {
  var format = 1
  var p99_objective_ms: Double
  /// Requests a second; 0 if no step was good.
  var knee_rate: Double
  var steps: [LoadReport]

  package init(_ plan: LoadPlan, _ environment: Environment, _ sweep: RateSweep) {
    p99_objective_ms = sweep.objective.p99Milliseconds
    knee_rate = sweep.knee?.rate ?? 0
    steps = sweep.steps.map { step in
      var plan = plan
      if case .open(let kind, _) = plan.loop { plan.loop = .open(kind, rate: step.rate) }
      return LoadReport(plan, environment, step.measurement, nil)
    }
  }

  package var json: String { LoadReport.json(self) }
}
