import Glibc
import Loading
import MagpieClient

/// One call of the program: asks the daemon who it is, runs, verifies, reports. Returns exit codes.
struct LoadSession {
  private let plan: LoadPlan
  private let report: ReportOptions
  private let checking: VerifyOptions
  private let client: MagpieClient

  init(_ plan: LoadPlan, report: ReportOptions, checking: VerifyOptions) {
    self.plan = plan
    self.report = report
    self.checking = checking
    client = MagpieClient(configuration: .init(host: plan.host, port: plan.port, tenant: plan.tenant))
  }

  // MARK: One run

  func single() async throws(LoadFault) -> Int32 {
    let environment = try await Environment.ask(client, host: plan.host, port: plan.port)
    for line in TextReport.heading(plan, environment) { Output.note(line) }
    let journal = checking.verify ? checking.journal ?? Self.temporaryPath : nil
    // A journal that nobody asked to keep goes away, whatever happens.
    defer { if let journal, checking.journal == nil { unlink(journal) } }
    let measurement = try await measure(plan, journal: journal, title: "")
    var verification: Verification?
    if let journal {
      let line = ProgressLine("verifying ", seconds: 0)
      let verifier = Verifier(plan, client: client, hasOtherWriters: checking.otherWriters)
      verification = try await verifier.verify(journal: journal) { line.show("\(Figures.count($0)) events") }
      line.clear()
    }
    await client.shutdown()
    try saveDistributions(measurement)
    say(environment, measurement, verification)
    if verification?.holds == false { return 4 }
    return plan.isClosed || measurement.heldRate ? 0 : 3
  }

  private func measure(
    _ plan: LoadPlan, journal: String?, title: String
  ) async throws(LoadFault) -> Measurement {
    let line = ProgressLine(title, seconds: plan.warmupSeconds + plan.seconds)
    defer { line.clear() }
    return try await LoadRun.measure(plan, journal: journal) { line.show($0) }
  }

  private func say(_ environment: Environment, _ measurement: Measurement, _ verification: Verification?) {
    if report.json {
      Output.say(LoadReport(plan, environment, measurement, verification).json)
      return
    }
    if report.seconds {
      for row in measurement.seconds {
        Output.say(
          "second \(row.second)\(row.isWarmup ? " (warm-up)" : "")  sent \(row.sent)  ok \(row.ok)  shed \(row.shed)  failed \(row.failed)  under way \(row.inFlight)  p50 \(Figures.milliseconds(row.p50))  p99 \(Figures.milliseconds(row.p99))  max \(Figures.milliseconds(row.max)) ms"
        )
      }
    }
    for line in TextReport.lines(plan, environment, measurement) { Output.say(line) }
    if let verification {
      for line in TextReport.lines(verification) { Output.say(line) }
    }
  }

  private func saveDistributions(_ measurement: Measurement) throws(LoadFault) {
    guard let prefix = report.hgrm else { return }
    let total = measurement.total
    try Output.save(total.intended.distribution, to: "\(prefix)-all.hgrm")
    try Output.save(total.service.distribution, to: "\(prefix)-all-service.hgrm")
    for method in LoadMethod.allCases where plan.mix.includes(method) {
      let tally = measurement.tallies[method.rawValue]
      try Output.save(tally.intended.distribution, to: "\(prefix)-\(method.name).hgrm")
    }
  }

  /// A name that nobody can have guessed, or prepared a link under.
  private static var temporaryPath: String {
    var generator = SystemRandomNumberGenerator()
    let name = String(generator.next() as UInt64, radix: 16)
    return "\(Output.environment("TMPDIR") ?? "/tmp")/magpie-load-\(name).journal"
  }

  // MARK: Freshness

  func freshness(trials: Int, concurrency: Int) async throws(LoadFault) -> Int32 {
    let environment = try await Environment.ask(client, host: plan.host, port: plan.port)
    Output.note(
      "freshness of \(environment.address): \(Figures.count(trials)) trials, \(concurrency) at once on \(max(2, plan.connections)) connections, durability \(environment.durability)"
    )
    let line = ProgressLine("freshness ", seconds: 0)
    let result = await FreshnessProbe(plan).measure(trials: trials, concurrency: concurrency) {
      line.show("\(Figures.count($0)) trials")
    }
    line.clear()
    let status: StatusReport
    do throws(MagpieError) { status = try await client.status() } catch {
      throw LoadFault(.daemon, "The daemon does not say how it went: \(error.message)")
    }
    await client.shutdown()
    let report = FreshnessReport(plan, concurrency: concurrency, environment, result, status)
    if self.report.json { Output.say(report.json) } else { for each in report.lines { Output.say(each) } }
    return result.holds ? 0 : 4
  }

  // MARK: A sweep

  func sweep(rates given: [Double], objective: Double) async throws(LoadFault) -> Int32 {
    guard objective.isFinite, objective > 0 else {
      throw LoadFault(.plan, "--slo must be a number of milliseconds above 0.")
    }
    let environment = try await Environment.ask(client, host: plan.host, port: plan.port)
    await client.shutdown()
    for line in TextReport.heading(plan, environment, isSweep: true) { Output.note(line) }
    let rates = given.isEmpty ? RateSweep.rates(upTo: try await mostReached()) : given
    var sweep = RateSweep(.init(p99Milliseconds: objective))
    for (index, rate) in rates.enumerated() {
      var step = self.step(index + 1)
      if case .open(let kind, _) = plan.loop { step.loop = .open(kind, rate: rate) }
      let title = "step \(index + 1) of \(rates.count), \(Figures.decimals(rate, 0))/s: "
      sweep.add(.init(rate: rate, measurement: try await measure(step, journal: nil, title: title)))
    }
    if let path = report.svg {
      let caption =
        "\(plan.mix.text); \(environment.processor), \(environment.cores) cores, \(environment.isLoopback ? "loopback" : "network"), durability \(environment.durability)"
      try Output.save(LatencyPlot(sweep, caption: caption).svg, to: path)
    }
    if report.json {
      Output.say(SweepReport(plan, environment, sweep).json)
    } else {
      for line in TextReport.lines(sweep, durability: environment.durability) { Output.say(line) }
    }
    return sweep.knee == nil ? 3 : 0
  }

  /// Requests a second that a closed loop reaches: where the interesting rates lie.
  private func mostReached() async throws(LoadFault) -> Double {
    var probe = step(0)
    probe.loop = .closed(concurrency: min(64, plan.connections * plan.inFlightPerConnection))
    probe.seconds = min(plan.seconds, 10)
    let measurement = try await measure(probe, journal: nil, title: "finding the most it can do: ")
    let most = measurement.achievedRate
    guard most > 0 else {
      throw LoadFault(
        .daemon, "The daemon answered nothing well, so there is no rate to sweep up to; try --closed alone.")
    }
    Output.note("  a closed loop reaches \(Figures.decimals(most, 0))/s")
    return most
  }

  /// The plan with event identifiers of its own, or the daemon would take the events of each step for repetitions of
  /// the last.
  private func step(_ number: Int) -> LoadPlan {
    var plan = plan
    plan.run = plan.run &+ UInt64(number) << 48
    return plan
  }
}
