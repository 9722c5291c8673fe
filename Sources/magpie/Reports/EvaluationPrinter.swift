import Evaluating

/// An evaluation for people.
enum EvaluationPrinter {
  static func print(_ report: EvaluationReport) {
    for (name, text) in report.rules { Terminal.say(Terminal.bold(name) + ": " + DisplayText.plain(text)) }
    if report.task == .rating {
      table(report, ["RMSE", "MAE"], withIntervals: true)
    } else {
      for k in report.lengths {
        Terminal.say("")
        var names = ["HR", "Recall", "NDCG", "MRR"].map { "\($0)@\(k)" }
        if report.task == .basket { names += ["RepeatRecall@\(k)", "ExploreRecall@\(k)"] }
        table(report, names, withIntervals: true)
        Terminal.say("")
        table(
          report,
          ["Precision@\(k)", "F1@\(k)", "MAP@\(k)"]
            + (report.models.contains { $0.value("Coverage@\(k)") != nil }
              ? ["Coverage", "Gini", "Entropy", "Novelty", "TailShare", "ILS"].map { "\($0)@\(k)" } : []),
          withIntervals: false)
      }
    }
    Terminal.say("")
    var costs = Table([("model", .left), ("training", .right), ("in all", .right), ("peak", .right)])
    for model in report.models {
      costs.add([
        model.name, Figures.duration(seconds: model.trainSeconds), Figures.duration(seconds: model.seconds),
        Figures.bytes(model.peakBytes),
      ])
    }
    costs.print()
    Terminal.say(
      "in all \(Figures.duration(seconds: report.seconds)), \(Figures.duration(seconds: report.cpuSeconds)) of processor time"
    )
    for note in report.notes where note.contains("validation") || note.hasPrefix("blend") {
      Terminal.complain(DisplayText.plain(note))
    }
    for (name, reason) in report.skipped { Terminal.complain("Left out: \(name), \(reason)") }
  }

  private static func table(_ report: EvaluationReport, _ names: [String], withIntervals: Bool) {
    var table = Table([("model", .left)] + names.map { ($0, .right) })
    for model in report.models {
      table.add(
        [model.name]
          + names.map { name in
            guard let estimate = model.estimates.first(where: { $0.name == name }) else { return "-" }
            var text = Digits.four(estimate.value)
            if withIntervals, let low = estimate.low, let high = estimate.high {
              text += " [\(short(low)) \(short(high))]"
            }
            return text
          })
    }
    // Wider than the screen is better than numbers cut off.
    for line in table.lines(columns: nil) { Terminal.say(line) }
  }

  /// `.1234`
  private static func short(_ value: Double) -> String {
    let text = Digits.four(value)
    return text.hasPrefix("0.") ? String(text.dropFirst()) : text
  }

  static func printModels() {
    for model in ModelRegistry.all {
      Terminal.say(Terminal.bold(model.name) + ": " + model.summary)
      parameters(model.parameters)
    }
    Terminal.say(
      Terminal.bold(ModelRegistry.blendName)
        + ": a weighted sum of the other models, weights fitted on validation")
    for model in ModelRegistry.ratingModels {
      Terminal.say(Terminal.bold(model.name) + " (ratings): " + model.summary)
      parameters(model.parameters)
    }
  }

  private static func parameters(_ parameters: [ModelParameter]) {
    for parameter in parameters { Terminal.say("  \(parameter.name): \(parameter.summary)") }
  }
}
