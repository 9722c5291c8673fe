import MagpieClient

/// Prints why items are where they are.
enum TracePrinter {
  static func print(
    _ report: TraceReport, user: String?, options: DaemonOptions, client: MagpieClient
  ) async {
    if options.json { return Terminal.say(JSONText.of(TraceJSON(report))) }
    for (place, trace) in report.items.enumerated() {
      if place > 0 { Terminal.say("") }
      print(trace, report)
    }
    if report.items.isEmpty { Terminal.say("The list is empty.") }
    Terminal.say("")
    if !report.forbidden.isEmpty {
      let rules = report.forbidden.map { "\($0.rule) \(Figures.count($0.count))" }
      Terminal.say("Forbidden here: \(rules.joined(separator: ", "))")
    }
    var facts = [report.generation == 0 ? "no generation" : "generation \(report.generation)"]
    facts.append("position \(report.position)")
    facts.append("\(Figures.count(report.candidates)) candidates for \(report.count) places")
    facts.append(report.isBlended ? "ordered by trees" : "ordered by fusion")
    Terminal.say(Terminal.dim(facts.joined(separator: ", ")))
    for fallback in report.fallbacks { Terminal.say("Note: \(fallback.words)") }
    if !report.degraded.isEmpty {
      let steps = report.degraded.map(\.rawValue).joined(separator: ", ")
      Terminal.say("Note: Time cut short: \(steps). Allow more with --timeout.")
    }
  }

  private static func print(_ trace: ItemTrace, _ report: TraceReport) {
    let name = trace.title.isEmpty ? trace.item : "\(trace.item) (\(trace.title))"
    Terminal.say(Terminal.bold(DisplayText.plain(name)) + ": " + words(trace, report))
    for filter in trace.filters where !filter.passes {
      Terminal.say(
        DisplayText.plain(
          "  the \(filter.origin.rawValue)'s filter, character \(filter.character): \(filter.part)"))
    }
    var table = Table([
      ("source", .left), ("says", .left), ("rank", .right), ("score", .right), ("weight", .right),
      ("to beat", .left),
    ])
    for source in trace.sources where source.state != .off {
      table.add([
        source.source.rawValue, source.state.rawValue, source.rank > 0 ? "\(source.rank)" : "-",
        source.state == .silent ? "-" : Figures.decimals(Double(source.score), 4),
        Figures.decimals(source.weight, 2),
        source.state == .cut && source.count > 0
          ? "\(Figures.decimals(Double(source.lowest), 4)), its last of \(source.count)" : "",
      ])
    }
    for line in table.lines() { Terminal.say("  " + line) }
    for contribution in trace.contributions {
      let title = contribution.source?.rawValue ?? contribution.kind.rawValue
      let parts = contribution.parts.prefix(6).map { part in
        "\(part.item.isEmpty ? part.name : part.item) \(Figures.decimals(part.value, 4))"
      }
      let sign = contribution.kind == .factors ? " × " : " + "
      let more = contribution.parts.count > 6 ? " + \(contribution.parts.count - 6) more" : ""
      Terminal.say(
        DisplayText.plain(
          "  \(title) \(Figures.decimals(contribution.total, 4)) = \(parts.joined(separator: sign))\(more)"))
    }
  }

  private static func words(_ trace: ItemTrace, _ report: TraceReport) -> String {
    switch trace.fate {
    case .shown: "place \(trace.rank) of \(report.count), score \(Figures.decimals(Double(trace.score), 4))"
    case .unknown: "nobody knows it. Is it in the catalogue? magpie item show \(trace.item)"
    case .forbidden: "forbidden by the rule \(trace.rule)"
    case .notNamed: "no source names it"
    case .outscored:
      "place \(trace.scoredRank) by score \(Figures.decimals(Double(trace.score), 4)); the last of \(report.count) shown has \(Figures.decimals(Double(trace.lastScore), 4))"
    case .moved: "place \(trace.scoredRank) by score, but moved out of the list when it was arranged"
    }
  }
}

/// A trace as `--json` prints it. docs/cli.md holds the schema.
struct TraceJSON: Encodable {
  struct Entry: Encodable {
    var item: String
    var title: String
    var fate: String
    var step: String
    @OrNull var rule: String?
    @OrNull var rank: UInt32?
    @OrNull var scored_rank: UInt32?
    var score: Float
    var last_score: Float
    var filters: [Decision]
    var sources: [Opinion]
    var contributions: [ContributionJSON]
    var reasons: [Reason]
  }
  struct Decision: Encodable {
    var origin: String
    var passes: Bool
    @OrNull var part: String?
    @OrNull var character: UInt32?
  }
  struct Opinion: Encodable {
    var source: String
    var state: String
    @OrNull var rank: UInt32?
    var score: Float
    var lowest: Float
    var count: UInt32
    var weight: Double
  }
  struct Reason: Encodable {
    var code: String
    var items: [String]
    @OrNull var segment: String?
  }

  var items: [Entry]
  var recommendation: String
  var generation: UInt64
  var position: UInt64
  var configuration_hash: String
  var seed: UInt64
  var k: UInt32
  var count: UInt32
  var candidates: UInt64
  var blended: Bool
  var fallbacks: [String]
  var degraded: [String]
  var dropped: [String: UInt64]
  var forbidden: [String: UInt64]

  init(_ report: TraceReport) {
    items = report.items.map { trace in
      Entry(
        item: trace.item, title: trace.title, fate: trace.fate.rawValue, step: trace.step.rawValue,
        rule: trace.rule.isEmpty ? nil : trace.rule, rank: trace.rank == 0 ? nil : trace.rank,
        scored_rank: trace.scoredRank == 0 ? nil : trace.scoredRank, score: trace.score.finite,
        last_score: trace.lastScore.finite,
        filters: trace.filters.map {
          Decision(
            origin: $0.origin.rawValue, passes: $0.passes, part: $0.passes ? nil : $0.part,
            character: $0.passes ? nil : $0.character)
        },
        sources: trace.sources.map {
          Opinion(
            source: $0.source.rawValue, state: $0.state.rawValue, rank: $0.rank == 0 ? nil : $0.rank,
            score: $0.score.finite, lowest: $0.lowest.finite, count: $0.count, weight: $0.weight)
        },
        contributions: trace.contributions.map { ContributionJSON($0) },
        reasons: trace.explanations.map {
          Reason(code: $0.code.rawValue, items: $0.items, segment: $0.segment.isEmpty ? nil : $0.segment)
        })
    }
    recommendation = report.recommendation
    generation = report.generation
    position = report.position
    configuration_hash = hexadecimal(report.configurationHash)
    seed = report.seed
    k = report.k
    count = report.count
    candidates = report.candidates
    blended = report.isBlended
    fallbacks = report.fallbacks.map(\.rawValue)
    degraded = report.degraded.map(\.rawValue)
    dropped = Self.counts(report.dropped)
    forbidden = Self.counts(report.forbidden)
  }

  static func counts(_ counts: [DropCount]) -> [String: UInt64] {
    Dictionary(counts.map { ($0.rule, $0.count) }, uniquingKeysWith: { $1 })
  }
}

/// A sum and its parts as `--json` prints them.
struct ContributionJSON: Encodable {
  struct Part: Encodable {
    @OrNull var item: String?
    @OrNull var name: String?
    var value: Double
  }

  var kind: String
  @OrNull var source: String?
  var total: Double
  var parts: [Part]

  init(_ contribution: Contribution) {
    kind = contribution.kind.rawValue
    source = contribution.source?.rawValue
    total = contribution.total.isFinite ? contribution.total : 0
    parts = contribution.parts.map {
      Part(
        item: $0.item.isEmpty ? nil : $0.item, name: $0.name.isEmpty ? nil : $0.name,
        value: $0.value.isFinite ? $0.value : 0)
    }
  }
}
