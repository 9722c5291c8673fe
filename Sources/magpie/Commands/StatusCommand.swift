import ArgumentParser
import MagpieClient

/// `magpie status`: how is the daemon?
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Print how the daemon is: positions, tenants, training, latencies.",
    discussion: """
      Example:
        magpie status --json | jq .tenants
      """)

  @OptionGroup var daemon: DaemonOptions

  func run() async throws {
    try await daemon.withClient { client in
      let report = try await client.status()
      if daemon.json { return Terminal.say(JSONText.of(StatusJSON(report))) }
      Self.print(report, place: "\(client.configuration.host):\(client.configuration.port)")
    }
  }

  private static func print(_ report: StatusReport, place: String) {
    let upSeconds = Double(max(0, report.nowMicroseconds &- report.startedMicroseconds)) / 1e6
    Terminal.say(
      Terminal.bold("magpied \(DisplayText.plain(report.version)) at \(place) is \(report.state.rawValue)")
        + ", up \(Figures.duration(seconds: upSeconds)), \(Figures.count(report.connections)) connection"
        + (report.connections == 1 ? "" : "s"))
    Terminal.say(
      "Log: position \(Figures.count(report.committed)) durable (\(report.durability.rawValue)), \(Figures.count(report.applied)) applied, "
        + "\(Figures.count(report.stored)) in LevelDB; \(Figures.bytes(report.logBytes)) in \(Figures.count(report.logSegments)) segment"
        + (report.logSegments == 1 ? "" : "s"))
    Terminal.say(
      "Room: \(Figures.bytes(report.residentBytes)) of memory in use, \(Figures.bytes(report.diskFreeBytes)) of disk free"
    )
    Terminal.say(SnapshotPrinter.words(report.snapshot, nowMicroseconds: report.nowMicroseconds))
    Terminal.say(ScrubPrinter.words(report.scrub, nowMicroseconds: report.nowMicroseconds))
    Terminal.say(
      Terminal.dim("Directory \(report.directory), configuration \(hexadecimal(report.configurationHash))"))
    Terminal.say("")
    var tenants = Table([
      ("tenant", .left), ("users", .right), ("items", .right), ("events", .right), ("generation", .right),
      ("trained to", .right), ("training", .left),
    ])
    for tenant in report.tenants {
      tenants.add([
        tenant.tenant, Figures.count(tenant.users), Figures.count(tenant.items), Figures.count(tenant.events),
        tenant.generation == 0 ? "none" : "\(tenant.generation)",
        tenant.generation == 0 ? "-" : Figures.count(tenant.trainedTo), words(tenant.training),
      ])
    }
    tenants.print()
    printFeedback(report)
    if report.latencies.isEmpty { return }
    Terminal.say("")
    var latencies = Table([
      ("method or step", .left), ("count", .right), ("errors", .right), ("p50", .right), ("p99", .right),
      ("max", .right),
    ])
    for row in report.latencies + report.freshness {
      latencies.add(
        [row.name, Figures.count(row.count), Figures.count(row.errors)]
          + [row.p50, row.p99, row.max].map { Figures.duration(seconds: Double($0) / 1e6) })
    }
    latencies.print()
  }

  private static func printFeedback(_ report: StatusReport) {
    var table = Table([
      ("lists of", .left), ("generation", .right), ("lists", .right), ("clicked", .right), ("bought", .right),
      ("last hour", .right), ("coverage", .right), ("novelty", .right),
    ])
    for row in report.feedback {
      let name = [row.tenant == "default" ? "" : row.tenant, row.scenario, row.experiment]
      table.add([
        name.filter { !$0.isEmpty }.joined(separator: " "),
        row.generation == 0 ? "none" : "\(row.generation)", Figures.count(row.total.lists),
        share(row.total.clickedLists, row.total.lists), share(row.total.convertedLists, row.total.lists),
        Figures.count(row.hour.lists), share(min(row.total.distinctItems, row.catalogue), row.catalogue),
        row.total.noveltyBits.map { Figures.decimals($0, 1) + " bits" } ?? "-",
      ])
    }
    let lines = table.lines()
    if lines.isEmpty { return }
    Terminal.say("")
    for line in lines { Terminal.say(line) }
    if report.feedbackDesk.dropped > 0 {
      Terminal.say("\(Figures.count(report.feedbackDesk.dropped)) lists were not counted: too many at once.")
    }
  }

  private static func share(_ part: UInt64, _ whole: UInt64) -> String {
    whole == 0 ? "-" : Figures.decimals(100 * Double(part) / Double(whole), 1) + " %"
  }

  private static func words(_ training: TrainingStatus) -> String {
    switch training.state {
    case .idle: "idle"
    case .running:
      "generation \(training.generation): \(training.stage), \(Int((training.fraction.finite * 100).rounded(.down)))%"
    case .succeeded:
      "generation \(training.generation) made \(Figures.time(microseconds: training.finishedMicroseconds))"
    case .failed: "failed: \(training.message)"
    }
  }
}
