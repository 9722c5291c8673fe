/// A run as people read it.
package enum TextReport {
  /// What is going to happen, where.
  /// - Parameter isSweep: many rates, so that none is named here.
  package static func heading(
    _ plan: LoadPlan, _ environment: Environment, isSweep: Bool = false
  ) -> [String] {
    var lines = [
      "magpie-load \(environment.version) against magpied \(environment.daemonVersion) at \(environment.address), tenant \(plan.tenant)",
      "  \(environment.processor), \(environment.cores) cores, \(environment.kernel), "
        + (environment.isLoopback ? "loopback: both sides share these cores" : "over the network"),
      "  \(loop(plan, isSweep)), \(seconds(plan.seconds)) after \(seconds(plan.warmupSeconds)) of warm-up that is not counted, "
        + "\(plan.connections) connections",
      "  \(plan.mix.text); users \(plan.users.text), items \(plan.items.text), "
        + "cold \(Figures.decimals(plan.coldShare * 100, 1)) %, k \(plan.k), batch \(plan.batch)"
        + (plan.filter.isEmpty
          ? "" : ", filter '\(plan.filter)' in \(Figures.decimals(plan.filteredShare * 100, 1)) %"),
      "  seed \(plan.seed), run \(String(plan.run, radix: 16)), durability \(environment.durability)",
    ]
    if environment.isDebugBuild {
      lines.append(
        "  NOTE: this magpie-load is a debug build; it is several times slower than a release build.")
    }
    return lines
  }

  private static func loop(_ plan: LoadPlan, _ isSweep: Bool) -> String {
    switch plan.loop {
    case .open(let kind, _) where isSweep: "sweep of rates, open loop, \(kind.rawValue), each step"
    case .open(let kind, let rate): "open loop, \(kind.rawValue), \(Figures.decimals(rate, 0))/s"
    case .closed(let concurrency):
      "CLOSED loop, \(concurrency) at once (a slow daemon is asked less: throughput, not latency)"
    }
  }

  private static func seconds(_ seconds: Double) -> String {
    "\(Figures.decimals(seconds, seconds == seconds.rounded() ? 0 : 1)) s"
  }

  /// What became of it.
  package static func lines(
    _ plan: LoadPlan, _ environment: Environment, _ measurement: Measurement
  ) -> [String] {
    let total = measurement.total
    var lines = [summary(plan, environment, measurement, total)]
    for (reason, count) in total.errors.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("  error \(reason): \(Figures.count(count))")
    }
    lines.append("")
    lines += table(plan, measurement, total)
    lines.append("")
    lines.append(
      "milliseconds; "
        + (plan.isClosed
          ? "closed loop: latency is service time."
          : "latency counts from the intended moment, service from the moment of sending."))
    lines += notes(plan, measurement)
    return lines
  }

  private static func summary(
    _ plan: LoadPlan, _ environment: Environment, _ measurement: Measurement, _ total: MethodTally
  ) -> String {
    let counts =
      "sent \(total.sent)  ok \(total.ok)  shed \(total.shed)  timed out \(total.timedOut)  error \(total.errorCount)"
    let rate = "\(Figures.decimals(measurement.achievedRate, 1))/s"
    let end = "durability=\(environment.durability)"
    if plan.isClosed { return "closed loop  \(counts)  throughput \(rate)  \(end)" }
    let offered = Figures.decimals(Double(total.offered) / max(measurement.duration, 1e-9), 1)
    let share = Figures.decimals(100 * measurement.achieved, 3)
    return
      "offered \(offered)/s  \(counts)  unsent \(total.unsent)  achieved \(rate), \(share) %  \(end)"
  }

  private static func table(
    _ plan: LoadPlan, _ measurement: Measurement, _ total: MethodTally
  ) -> [String] {
    let shown = LoadMethod.allCases.filter(plan.mix.includes)
    var rows = shown.map { ($0.name, measurement.tallies[$0.rawValue]) }
    if rows.count > 1 { rows.append(("all", total)) }
    let header =
      Figures.left("", 10)
      + ["answers", "p50", "p90", "p99", "p99.9", "p99.99", "max", "service p50", "p99"]
      .map { Figures.right($0, columnWidth($0)) }.joined()
    return [header]
      + rows.map { name, tally in
        let percentiles = [50, 90, 99, 99.9, 99.99].map {
          Figures.milliseconds(tally.intended.percentile($0))
        }
        let cells =
          [Figures.count(tally.intended.count)] + percentiles + [Figures.milliseconds(tally.intended.max)]
        let service = [50, 99].map { Figures.milliseconds(tally.service.percentile($0)) }
        return Figures.left(name, 10) + cells.map { Figures.right($0, columnWidth("")) }.joined()
          + Figures.right(service[0], columnWidth("service p50")) + Figures.right(service[1], columnWidth(""))
      }
  }

  private static func columnWidth(_ title: String) -> Int {
    title == "service p50" ? 14 : title == "answers" ? 11 : 11
  }

  private static func notes(_ plan: LoadPlan, _ measurement: Measurement) -> [String] {
    var lines: [String] = []
    let busy = Figures.decimals(100 * measurement.processorShare, 0)
    if !plan.isClosed {
      lines.append(
        "generator: left late by p50 \(Figures.milliseconds(measurement.lag.percentile(50))), p99 \(Figures.milliseconds(measurement.lag.percentile(99))), max \(Figures.milliseconds(measurement.lag.max)) ms; its thread was busy \(busy) % of the time"
      )
    } else {
      lines.append("generator: its thread was busy \(busy) % of the time")
    }
    if measurement.processorShare > 0.9 || (!plan.isClosed && measurement.generatorWasLate) {
      lines.append(
        "NOTE: the generator itself was late or busy, and the latencies contain that. Give it a core of its own, or run it from several machines."
      )
    }
    if measurement.connectionsLost > 0 {
      lines.append("NOTE: \(measurement.connectionsLost) connections were lost and opened again.")
    }
    if measurement.slatesEmpty > 0 {
      lines.append(
        "NOTE: \(measurement.slatesEmpty) of \(measurement.slatesSampled) slates looked into were empty; a daemon that knows nothing is quick."
      )
    }
    if !plan.isClosed, !measurement.heldRate {
      lines.append(
        "NOT HELD: less than 99 % of the offered rate was answered well in time; the latencies describe an overload."
      )
    }
    return lines
  }

  /// `verify: acked 400000 present 400000 lost 0 …`
  package static func lines(_ verification: Verification) -> [String] {
    let gaps = verification.gaps.map { "\($0)" } ?? "unchecked"
    var lines = [
      "verify: acknowledged \(verification.acknowledged)  present \(verification.present)  lost \(verification.lost)  "
        + "moved \(verification.moved)  refused \(verification.refused)  repeated positions \(verification.repeated)  "
        + "gaps \(gaps)  unanswered \(verification.unknown) (\(verification.unknownPresent) of them present)"
    ]
    lines += verification.examples.map { "  " + $0 }
    if verification.holds {
      lines.append("verify: every acknowledged event is there, exactly once")
    } else {
      lines.append("verify: FAILED")
      if verification.gaps ?? 0 > 0, !verification.hasOtherWriters {
        lines.append(
          "  positions between ours belong to nobody we know: an event stored twice, or somebody else wrote (then use --other-writers)"
        )
      }
    }
    return lines
  }

  /// The table of a sweep, and its headline.
  package static func lines(_ sweep: RateSweep, durability: String) -> [String] {
    let titles = ["rate", "achieved", "ok %", "shed", "failed", "p50", "p99", "p99.9", "max", "service p99"]
    var lines = [titles.map { Figures.right($0, $0 == "service p99" ? 13 : 10) }.joined()]
    for step in sweep.steps {
      let total = step.measurement.total
      let cells = [
        Figures.decimals(step.rate, 0), Figures.decimals(step.measurement.achievedRate, 0),
        Figures.decimals(100 * step.measurement.achieved, 2), "\(total.shed)",
        "\(total.timedOut + total.errorCount)", Figures.milliseconds(total.intended.percentile(50)),
        Figures.milliseconds(total.intended.percentile(99)),
        Figures.milliseconds(total.intended.percentile(99.9)), Figures.milliseconds(total.intended.max),
      ]
      lines.append(
        cells.map { Figures.right($0, 10) }.joined()
          + Figures.right(Figures.milliseconds(total.service.percentile(99)), 13)
          + (sweep.isGood(step) ? "" : "  not good"))
    }
    let wanted = Figures.decimals(sweep.objective.p99Milliseconds, 1)
    if let knee = sweep.knee {
      lines.append(
        "knee: \(Figures.decimals(knee.rate, 0))/s is the highest rate held with p99 at most \(wanted) ms and no error, for \(Figures.decimals(knee.measurement.duration, 0)) s, durability=\(durability)"
      )
    } else {
      lines.append(
        "knee: none; the lowest rate already had errors, was not held, or had a p99 above \(wanted) ms")
    }
    return lines
  }
}
