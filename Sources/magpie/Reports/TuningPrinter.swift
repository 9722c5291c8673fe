import MagpieClient

/// Prints what a search for settings found.
extension GenerationsPrinter {
  static func print(_ tuning: TuningSummary) {
    Terminal.say(
      "Settings come from a search in generation \(tuning.generation), "
        + "\(Figures.time(microseconds: tuning.searchedMicroseconds)): \(Figures.duration(seconds: tuning.seconds)), "
        + "\(DisplayText.plain(tuning.measure)) of \(Figures.count(tuning.users)) users. "
        + DisplayText.plain(tuning.ended))
    if !tuning.caution.isEmpty { Terminal.say(DisplayText.plain(tuning.caution)) }
    var table = Table([
      ("family", .left), ("tried", .right), ("best", .right), ("second", .right), ("standard", .right),
      ("trained with", .left),
    ])
    for family in tuning.families {
      table.add([
        DisplayText.plain(family.family), Figures.count(family.tried), shown(family.best),
        shown(family.runnerUp), shown(family.standard),
        family.isUsed ? shown(family.chosen) : "other settings: \(DisplayText.plain(family.note))",
      ])
    }
    table.print()
    for family in tuning.families {
      Terminal.say("\(DisplayText.plain(family.family)): \(DisplayText.plain(family.reason))")
    }
  }

  private static func shown(_ point: TuningSummary.Point?) -> String {
    point.map { "\(Figures.decimals($0.value, 4)) ±\(Figures.decimals($0.standardError, 4))" } ?? "-"
  }

  private static func shown(_ settings: [String: Double]) -> String {
    settings.sorted { $0.key < $1.key }
      .map { "\(DisplayText.plain($0.key)) \(Int(exactly: $0.value).map { "\($0)" } ?? "\($0.value)")" }
      .joined(separator: ", ")
  }
}

/// The same as `--json` prints it.
struct TuningJSON: Encodable {
  struct Point: Encodable {
    var settings: [String: Double]
    var value: Double
    var standard_error: Double

    init?(_ point: TuningSummary.Point?) {
      guard let point, point.value.isFinite, point.standardError.isFinite else { return nil }
      settings = point.settings.filter { $0.value.isFinite }
      value = point.value
      standard_error = point.standardError
    }
  }

  struct Family: Encodable {
    var family: String
    var tried: UInt64
    var trials: UInt64
    @OrNull var seconds: Double? = nil
    var chosen: [String: Double]
    @OrNull var best: Point? = nil
    @OrNull var runner_up: Point? = nil
    @OrNull var standard: Point? = nil
    var reason: String
    var used: Bool
    @OrNull var note: String? = nil
  }

  var generation: UInt64
  @OrNull var searched: String? = nil
  @OrNull var seconds: Double? = nil
  var measure: String
  var validation: String
  var users: UInt64
  var ended: String
  @OrNull var caution: String? = nil
  var families: [Family]

  init(_ tuning: TuningSummary) {
    generation = tuning.generation
    measure = tuning.measure
    validation = tuning.validation
    users = tuning.users
    ended = tuning.ended
    families = tuning.families.map { row in
      var family = Family(
        family: row.family, tried: row.tried, trials: row.trials,
        chosen: row.chosen.filter { $0.value.isFinite }, reason: row.reason, used: row.isUsed)
      family.seconds = row.seconds.isFinite ? row.seconds : nil
      family.best = Point(row.best)
      family.runner_up = Point(row.runnerUp)
      family.standard = Point(row.standard)
      family.note = row.note.isEmpty ? nil : row.note
      return family
    }
    searched = moment(tuning.searchedMicroseconds)
    seconds = tuning.seconds.isFinite ? tuning.seconds : nil
    caution = tuning.caution.isEmpty ? nil : tuning.caution
  }
}
