import MagpieClient

/// Prints generations.
enum GenerationsPrinter {
  private struct List: Encodable {
    var generations: [GenerationJSON]
  }

  static func print(_ generations: [GenerationSummary], options: DaemonOptions) {
    if options.json {
      return Terminal.say(JSONText.of(List(generations: generations.map { GenerationJSON($0) })))
    }
    if generations.isEmpty { return Terminal.say("No generations yet. Make one: magpie train --wait") }
    var table = Table([
      ("number", .right), ("", .left), ("made", .left), ("trained to", .right), ("users", .right),
      ("items", .right),
      ("events", .right), ("size", .right), ("took", .right), ("order", .left), ("gate", .left),
      ("remark", .left),
    ])
    for summary in generations {
      table.add([
        "\(summary.number)", summary.isServing ? "serving" : "",
        Figures.time(microseconds: summary.createdMicroseconds),
        Figures.count(summary.trainedTo), Figures.count(summary.users), Figures.count(summary.items),
        Figures.count(summary.events), Figures.bytes(summary.bytes),
        Figures.duration(seconds: Double(summary.trainingSeconds)),
        summary.ranking.isEmpty ? "-" : summary.ranking, summary.gate.map { $0.word } ?? "-",
        summary.problem.isEmpty && summary.gate?.passed == false
          ? summary.gate?.reason ?? "" : summary.problem,
      ])
    }
    table.print()
  }

  /// Everything but the heading.
  static func print(details summary: GenerationSummary) {
    Terminal.say(
      "Made \(Figures.time(microseconds: summary.createdMicroseconds)) in \(Figures.duration(seconds: Double(summary.trainingSeconds)))"
        + " from \(Figures.count(summary.events)) events of \(Figures.count(summary.users)) users on"
        + " \(Figures.count(summary.items)) items, up to position \(Figures.count(summary.trainedTo)); \(Figures.bytes(summary.bytes))"
    )
    if !summary.problem.isEmpty { Terminal.say("It cannot be served: \(DisplayText.plain(summary.problem))") }
    if let tuning = summary.tuning { print(tuning) }
    if !summary.ranking.isEmpty {
      Terminal.say(
        "Candidates are put in order by \(DisplayText.plain(summary.ranking)). \(DisplayText.plain(summary.rankingReason))"
      )
    }
    if let gate = summary.gate { print(gate: gate, number: summary.number) }
    print(metrics: summary)
    if !summary.settings.isEmpty {
      Terminal.say(
        "Settings: "
          + summary.settings.sorted { $0.key < $1.key }
          .map { "\(DisplayText.plain($0.key))=\(DisplayText.plain($0.value))" }.joined(separator: " "))
    }
  }

  private static func print(gate: GateVerdict, number: UInt64) {
    Terminal.say("Gate: \(gate.word). \(DisplayText.plain(gate.reason))")
    var table = Table([
      ("against", .left), ("questions", .right), (gate.metric, .right), ("theirs", .right),
      ("difference", .right),
      ("error", .right), ("holds", .left), ("decides", .left), ("note", .left),
    ])
    for row in gate.comparisons {
      let isMade = row.questions > 0
      func number(_ value: Double) -> String { isMade ? Figures.decimals(value, 4) : "-" }
      table.add([
        row.against, Figures.count(row.questions), number(row.value), number(row.other),
        number(row.difference), number(row.standardError), isMade ? (row.holds ? "yes" : "no") : "-",
        row.decides ? "yes" : "no",
        row.note,
      ])
    }
    table.print()
    if !gate.rule.isEmpty, !gate.comparisons.isEmpty { Terminal.say(DisplayText.plain(gate.rule)) }
    if gate.isRefused {
      Terminal.say("Serve it all the same: magpie generations promote \(number) --force")
    }
  }

  private static func print(metrics summary: GenerationSummary) {
    var names: [String] = []
    for row in summary.metrics {
      for metric in row.metrics where !names.contains(metric.name) { names.append(metric.name) }
    }
    if names.isEmpty { return }
    Terminal.say("On the newest events, held out:")
    var table = Table([(title: "model", alignment: .left)] + names.map { (title: $0, alignment: .right) })
    for row in summary.metrics {
      table.add(
        [row.model]
          + names.map { name in
            row.metrics.first { $0.name == name }.map { Figures.decimals($0.value, 4) } ?? "-"
          })
    }
    table.print()
  }
}

extension GateVerdict {
  /// For a column.
  fileprivate var word: String {
    if isRefused { return "refused" }
    if mode == "off" { return "off" }
    return passed ? "passed" : "lost, serves (\(mode))"
  }
}
