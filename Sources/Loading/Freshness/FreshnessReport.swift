import MagpieClient

/// Trials of freshness as `--json` prints them, and as people read them.
package struct FreshnessReport: Encodable, Sendable {
  /// A histogram of the daemon since its start, microseconds.
  package struct Visible: Encodable, Sendable {
    var count: UInt64
    var p50_us: Double
    var p99_us: Double
    var max_us: Double
  }

  var format = 1
  var environment: LoadReport.Surroundings
  var connections: Int
  var concurrency: Int
  var trials: UInt64
  var fresh: UInt64
  var stale: UInt64
  var failed: UInt64
  var holds: Bool
  var seconds: Double
  var acknowledgement: LoadReport.Quantiles
  var list: LoadReport.Quantiles
  /// What the daemon says of itself: `received_to_visible`, `durable_to_visible`.
  var daemon: [String: Visible]
  var examples: [String]

  package init(
    _ plan: LoadPlan, concurrency: Int, _ environment: Environment, _ result: FreshnessResult,
    _ status: StatusReport
  ) {
    self.environment = .init(environment)
    connections = max(2, plan.connections)
    self.concurrency = concurrency
    trials = result.trials
    fresh = result.fresh
    stale = result.stale
    failed = result.failed
    holds = result.holds
    seconds = result.duration
    acknowledgement = .init(result.acknowledgement)
    list = .init(result.list)
    daemon = [:]
    for report in status.freshness {
      daemon[report.name] = Visible(
        count: report.count, p50_us: Double(report.p50), p99_us: Double(report.p99),
        max_us: Double(report.max))
    }
    examples = result.examples
  }

  package var json: String { LoadReport.json(self) }

  /// As people read it.
  package var lines: [String] {
    func row(_ name: String, _ quantiles: LoadReport.Quantiles) -> String {
      func shown(_ micro: Double) -> String { Figures.right(Figures.milliseconds(UInt64(micro * 1_000)), 10) }
      return "  " + Figures.left(name, 22) + shown(quantiles.p50_us) + shown(quantiles.p99_us)
        + shown(quantiles.max_us)
    }
    var lines = [
      "\(Figures.count(fresh)) of \(Figures.count(trials)) trials fresh, \(Figures.count(stale)) stale, "
        + "\(Figures.count(failed)) failed, in \(Figures.decimals(seconds, 1)) s",
      "", "  " + Figures.left("milliseconds", 22) + "       p50       p99       max",
      row("acknowledgement", acknowledgement), row("list, right after it", list),
    ]
    if let visible = daemon["durable_to_visible"] {
      lines.append(
        "  the daemon: visible \(Figures.decimals(visible.p50_us, 0)) µs (p50), "
          + "\(Figures.decimals(visible.p99_us, 0)) µs (p99) after it is durable, and acknowledged after that"
      )
    }
    return lines + examples.map { "  " + $0 }
  }
}
