import ArgumentParser
import Glibc
import Loading
import Vocabulary

/// `magpie-load`, the load generator.
@main
struct MagpieLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpie-load",
    abstract:
      "Ask a Magpie daemon at a given rate, and tell how long it took and whether it kept what it promised.",
    discussion: """
      Examples:
        magpie-load --rate 2000 --duration 30
        magpie-load --rate 5000 --mix recommend=8,ingest=2 --verify
        magpie-load --rate 200 --arrivals constant --mix ingest --batch 100 --verify --json
        magpie-load --sweep --duration 20 --slo 20 --svg latency.svg
        magpie-load --closed -c 64 --mix check
        magpie-load --rate 500 --mix recommend --filter 'item.price < 50' --filtered 0.3
        magpie-load --freshness 10000

      It writes events into the tenant it is given: use one made for it, or a daemon of its own. Requests leave when
      they are meant to, whatever the daemon does (an open loop), and latency counts from that moment. The report
      goes to standard output, everything else to standard error.

      Exit codes:
        0 done   1 failed   2 wrong usage   3 less than 99 % of the rate was answered well in time
        4 the verification failed, or an acknowledged event was not seen   69 daemon not there   74 a file cannot be written
      docs/load.md has everything.
      """,
    version: "magpie-load \(productVersion)")

  @OptionGroup(title: "Where") var place: PlaceOptions
  @OptionGroup(title: "How much") var pace: PaceOptions
  @OptionGroup(title: "What") var contents: ContentOptions
  @OptionGroup(title: "Verification") var checking: VerifyOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func validate() throws {
    if pace.closed, pace.sweep { throw ValidationError("--closed and --sweep exclude each other.") }
    if pace.concurrency != nil, !pace.closed, checking.freshness == nil {
      throw ValidationError("-c needs --closed or --freshness.")
    }
    if report.svg != nil, !pace.isSweep { throw ValidationError("--svg draws a sweep; add --sweep.") }
    if pace.isSweep, checking.verify {
      throw ValidationError("--verify checks a single run; leave out --sweep.")
    }
    if let trials = checking.freshness {
      guard trials > 0 else { throw ValidationError("--freshness must be at least 1.") }
      if pace.isSweep || pace.closed || checking.verify {
        throw ValidationError("--freshness goes with neither --sweep, --closed nor --verify.")
      }
    }
    if checking.journal != nil || checking.otherWriters, !checking.verify {
      throw ValidationError("--journal and --other-writers need --verify.")
    }
  }

  func run() async throws {
    let plan = try makePlan()
    let session = LoadSession(plan, report: report, checking: checking)
    let code: Int32
    if let trials = checking.freshness {
      code = try await session.freshness(trials: trials, concurrency: pace.concurrency ?? 64)
    } else if pace.isSweep {
      code = try await session.sweep(rates: pace.sweepRates, objective: pace.slo)
    } else {
      code = try await session.single()
    }
    if code != 0 { throw ExitCode(code) }
  }

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let fault as LoadFault {
      Output.note("magpie-load: \(fault.message)")
      switch fault.kind {
      case .plan: Glibc.exit(2)
      case .daemon: Glibc.exit(69)
      case .file: Glibc.exit(74)
      }
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess {
        Output.say(text)
      } else if !(error is ExitCode) {
        Output.note(text)
      }
      Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }
  }

  private func makePlan() throws(LoadFault) -> LoadPlan {
    var generator = SystemRandomNumberGenerator()
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var plan = LoadPlan(
      mix: try MethodMix(contents.mix), run: generator.next() >> 16,
      epochMicroseconds: Int64(now.tv_sec) * 1_000_000)
    plan.host = place.host ?? Output.environment("MAGPIE_HOST") ?? "127.0.0.1"
    plan.port = try place.portNumber()
    plan.tenant = place.tenant ?? Output.environment("MAGPIE_TENANT") ?? "default"
    plan.connections = place.connections
    plan.inFlightPerConnection = place.inFlight
    guard let timeout = UInt32(exactly: (place.timeout * 1000).rounded()), timeout > 0 else {
      throw LoadFault(.plan, "--timeout must be a number of seconds above 0.")
    }
    plan.timeoutMilliseconds = timeout
    plan.loop =
      pace.closed ? .closed(concurrency: pace.concurrency ?? 16) : .open(pace.arrivals, rate: pace.rate)
    plan.seconds = pace.duration
    plan.warmupSeconds = pace.warmup
    plan.seed = contents.seed ?? generator.next() >> 32
    plan.users = Population(prefix: contents.userPrefix, count: contents.users, exponent: contents.zipfUsers)
    plan.items = Population(prefix: contents.itemPrefix, count: contents.items, exponent: contents.zipfItems)
    plan.coldShare = contents.cold
    plan.k = contents.k
    plan.batch = contents.batch
    plan.scenario = contents.scenario
    plan.seen = contents.seen
    plan.filter = contents.filter
    plan.filteredShare = contents.filtered
    try plan.check()
    return plan
  }
}
