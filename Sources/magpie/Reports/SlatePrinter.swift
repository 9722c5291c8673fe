import MagpieClient

/// Prints a slate: a table with reasons for people, a report for programs.
enum SlatePrinter {
  static func print(
    _ slate: Slate, heading: String, user: String?, options: DaemonOptions, explains: Bool,
    asksRatings: Bool = false, client: MagpieClient
  ) async {
    let words = await ReasonWords(for: [slate], user: user, client: client)
    if options.json { return Terminal.say(JSONText.of(SlateReport(slate, words: words))) }
    Terminal.say(Terminal.bold(DisplayText.plain(heading)))
    if slate.items.isEmpty { Terminal.say("No items.") }
    table(slate, words, explains: explains).print()
    var facts = [slate.generation == 0 ? "no generation" : "generation \(slate.generation)"]
    facts.append("position \(slate.position)")
    if !slate.recommendation.isEmpty { facts.append("recommendation \(slate.recommendation)") }
    if !slate.experiment.isEmpty { facts.append("experiment \(slate.experiment)") }
    Terminal.say(Terminal.dim(DisplayText.plain(facts.joined(separator: ", "))))
    if explains, !slate.token.isEmpty { Terminal.say(Terminal.dim("Token: \(slate.token)")) }
    if !slate.dropped.isEmpty {
      let rules = slate.dropped.map { "\($0.rule) \(Figures.count($0.count))" }
      Terminal.say(Terminal.dim("Kept out: \(rules.joined(separator: ", "))"))
    }
    if !slate.times.isEmpty {
      let steps = slate.times.map {
        "\($0.step.rawValue) \(Figures.duration(seconds: Double($0.nanoseconds) / 1e9))"
      }
      Terminal.say(Terminal.dim("Time: \(steps.joined(separator: ", "))"))
    }
    if !slate.cursor.isEmpty { Terminal.say("Next page: the same command with --cursor \(slate.cursor)") }
    for fallback in slate.fallbacks {
      // That nothing is left to show needs no telling where there is nothing at all.
      if fallback == .fewerThanK, slate.fallbacks.contains(.emptyCatalogue) { continue }
      Terminal.say("Note: \(fallback.words)")
    }
    if asksRatings, !slate.items.isEmpty, slate.items.allSatisfy({ $0.predictedRating == nil }) {
      Terminal.say(
        "Note: There is no model of ratings. It takes 1,000 events of type rate, and training: magpie train --wait"
      )
    }
    if !slate.degraded.isEmpty {
      let steps = slate.degraded.map(\.rawValue).joined(separator: ", ")
      let skipped = slate.skipped.map(\.rawValue).joined(separator: ", ")
      Terminal.say(
        "Note: Time cut short: \(steps)\(skipped.isEmpty ? "" : " (not asked: \(skipped))"). Allow more with --timeout."
      )
    }
  }

  private static func table(_ slate: Slate, _ words: ReasonWords, explains: Bool) -> Table {
    var columns: [(title: String, alignment: Table.Alignment)] = [
      ("#", .right), ("item", .left), ("title", .left), ("score", .right),
    ]
    let hasRatings = slate.items.contains { $0.predictedRating != nil }
    if hasRatings { columns.append(("rating", .right)) }
    let hasMembers = slate.items.contains { !$0.members.isEmpty }
    if hasMembers { columns.append(("members", .left)) }
    let hasPlacements = slate.items.contains { $0.placement != .ranked }
    if hasPlacements { columns.append(("placed", .left)) }
    let hasChances = explains && slate.items.contains { $0.propensity != nil }
    if hasChances { columns.append(("chance", .right)) }
    let hasCalibrated = explains && slate.items.contains { $0.calibrated != nil }
    if hasCalibrated { columns.append(("taken", .right)) }
    columns.append(("why", .left))
    if explains { columns.append(("sources", .left)) }
    var table = Table(columns)
    for (index, item) in slate.items.enumerated() {
      var cells = [
        "\(index + 1)", item.item, item.title, Figures.decimals(Double(item.score), 4),
      ]
      if hasRatings { cells.append(item.predictedRating.map { Figures.decimals(Double($0), 2) } ?? "-") }
      if hasMembers { cells.append(item.members.joined(separator: ", ")) }
      if hasPlacements { cells.append(item.placement == .ranked ? "" : item.placement.rawValue) }
      if hasChances { cells.append(item.propensity.map { Figures.decimals(Double($0), 4) } ?? "1") }
      if hasCalibrated { cells.append(item.calibrated.map { Figures.decimals(Double($0), 4) } ?? "-") }
      cells.append(words.text(item))
      if explains {
        cells.append(
          item.sources.map { "\($0.source.rawValue) #\($0.rank) (\(Figures.decimals(Double($0.score), 4)))" }
            .joined(separator: ", "))
      }
      table.add(cells)
    }
    return table
  }
}
