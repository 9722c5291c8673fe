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
      ("events", .right), ("size", .right), ("took", .right), ("problem", .left),
    ])
    for summary in generations {
      table.add([
        "\(summary.number)", summary.isServing ? "serving" : "",
        Figures.time(microseconds: summary.createdMicroseconds),
        Figures.count(summary.trainedTo), Figures.count(summary.users), Figures.count(summary.items),
        Figures.count(summary.events), Figures.bytes(summary.bytes),
        Figures.duration(seconds: Double(summary.trainingSeconds)), summary.problem,
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
