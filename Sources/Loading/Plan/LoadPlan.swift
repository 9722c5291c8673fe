import Vocabulary

/// Everything a run is made of. The same plan and seed ask for the same things in the same order.
package struct LoadPlan: Sendable {
  /// How the next request is decided on.
  package enum Loop: Sendable, Hashable {
    /// By the clock, whatever the daemon does.
    case open(ArrivalKind, rate: Double)
    /// By the last answer: a slow daemon is asked less, so latencies look better than a user would find them.
    case closed(concurrency: Int)
  }

  package var host = "127.0.0.1"
  package var port = 7700
  package var tenant = "default"
  package var loop = Loop.open(.poisson, rate: 1000)
  /// Seconds that are measured, after `warmupSeconds` that are not.
  package var seconds = 30.0
  package var warmupSeconds = 5.0
  package var connections = 4
  /// Requests under way on one connection; what is due beyond it waits, and its latency contains the wait.
  package var inFlightPerConnection = 512
  /// Milliseconds a request may take.
  package var timeoutMilliseconds: UInt32 = 5000
  package var seed: UInt64 = 1
  package var mix: MethodMix
  package var users = Population(prefix: "u", count: 100_000, exponent: 1)
  package var items = Population(prefix: "i", count: 40_000, exponent: 1)
  /// Share of Recommend that asks for a user nobody has heard of.
  package var coldShare = 0.05
  package var k: UInt32 = 20
  /// Events in one Ingest.
  package var batch = 1
  package var scenario = ""
  package var seen = SeenPolicy.scenario
  /// An expression over items, sent with a share of the Recommend and Similar.
  package var filter = ""
  package var filteredShare = 1.0
  /// Makes event identifiers of this run differ from those of any other.
  package var run: UInt64
  /// Time of the first event, microseconds since 1970; the others follow a microsecond apart.
  package var epochMicroseconds: Int64

  package init(mix: MethodMix, run: UInt64, epochMicroseconds: Int64) {
    self.mix = mix
    self.run = run
    self.epochMicroseconds = epochMicroseconds
  }

  package var isClosed: Bool { if case .closed = loop { true } else { false } }

  /// Refuses what cannot be meant, naming the flag.
  package func check() throws(LoadFault) {
    switch loop {
    case .open(_, let rate):
      try require(
        rate.isFinite && rate > 0 && rate <= Limits.loadRateMax,
        "--rate must be above 0 and at most \(Int(Limits.loadRateMax)) a second.")
    case .closed(let concurrency):
      try require(
        (1...connections * inFlightPerConnection).contains(concurrency),
        "--concurrency must be 1 to \(connections * inFlightPerConnection), connections times --in-flight.")
    }
    let longest = Double(Limits.loadSecondsMax)
    try require(seconds > 0 && seconds <= longest, "--duration must be above 0 and at most a day.")
    try require(warmupSeconds >= 0 && warmupSeconds <= longest, "--warmup must be 0 to a day.")
    try require(
      (1...Limits.loadConnectionsMax).contains(connections),
      "--connections must be 1 to \(Limits.loadConnectionsMax).")
    try require(
      (1...Limits.streamsPerConnectionMax).contains(inFlightPerConnection),
      "--in-flight must be 1 to \(Limits.streamsPerConnectionMax), what a daemon takes on one connection.")
    try require(
      (1...Limits.timeoutMillisecondsMax).contains(timeoutMilliseconds),
      "--timeout must be above 0 and at most \(Limits.timeoutMillisecondsMax / 1000) seconds.")
    try require((0...1).contains(coldShare), "--cold must be a share from 0 to 1.")
    try require((0...1).contains(filteredShare), "--filtered must be a share from 0 to 1.")
    try require(
      filter.utf8.count <= Limits.expressionBytesMax,
      "--filter has more than \(Limits.expressionBytesMax) bytes, which no daemon takes.")
    try require((1...UInt32(Limits.slateItemsMax)).contains(k), "-k must be 1 to \(Limits.slateItemsMax).")
    try require((1...Limits.batchItemsMax).contains(batch), "--batch must be 1 to \(Limits.batchItemsMax).")
    try users.check("--users", "--zipf-users")
    try items.check("--items", "--zipf-items")
    do throws(Fault) { _ = try TenantName(tenant) } catch {
      throw LoadFault(.plan, "--tenant: \(error.message)")
    }
  }

  private func require(_ holds: Bool, _ message: String) throws(LoadFault) {
    if !holds { throw LoadFault(.plan, message) }
  }
}

/// Users or items, the popular first: a prefix and a number, drawn by Zipf's law.
package struct Population: Sendable, Hashable {
  /// Before the number: `u` makes u1, u2, …
  package var prefix: String
  package var count: Int
  package var exponent: Double

  package init(prefix: String, count: Int, exponent: Double) {
    self.prefix = prefix
    self.count = count
    self.exponent = exponent
  }

  func check(_ count: String, _ exponent: String) throws(LoadFault) {
    guard (1...Limits.loadPopulationMax).contains(self.count) else {
      throw LoadFault(.plan, "\(count) must be 1 to \(Limits.loadPopulationMax).")
    }
    guard self.exponent.isFinite, (0...10).contains(self.exponent) else {
      throw LoadFault(.plan, "\(exponent) must be 0 (all alike) to 10; about 1 is usual.")
    }
    guard (1...128).contains(prefix.utf8.count), !prefix.utf8.contains(0) else {
      throw LoadFault(.plan, "The prefix of \(count) must have 1 to 128 bytes.")
    }
  }

  /// `100000 (Zipf 1.0)`
  package var text: String { "\(Figures.count(count)) (Zipf \(Figures.decimals(exponent, 2)))" }
}
