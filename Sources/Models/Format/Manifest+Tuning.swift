import Vocabulary

extension Manifest {
  /// What a search for settings tried and chose; docs/tuning.md.
  package struct Tuning: Codable, Sendable, Hashable {
    /// The generation whose run searched: this one, or an earlier one whose findings are used.
    package var generation: UInt64
    /// When the search ended, microseconds since 1970.
    package var searched: Int64
    /// The last log position it learned from.
    package var through: UInt64
    /// Time it took, over all runs if it was interrupted.
    package var seconds: Double
    /// The metric that decides, such as `NDCG@10`.
    package var measure: String
    /// For people: which events were asked about.
    package var validation: String
    /// First moment behind the validation part, microseconds since 1970; the hold-out starts here or later.
    package var validationEnd: Int64
    /// Users asked in full.
    package var users: UInt64
    /// Why it ended, in words.
    package var ended: String
    /// What makes the hold-out's metrics less trustworthy, or empty.
    package var caution = ""
    package var families: [Family]

    package init(
      generation: GenerationNumber, searched: Timestamp, through: Position, seconds: Double, measure: String,
      validation: String, validationEnd: Timestamp, users: Int, ended: String, families: [Family]
    ) {
      self.generation = generation.value
      self.searched = searched.microseconds
      self.through = through.value
      self.seconds = seconds
      self.measure = measure
      self.validation = validation
      self.validationEnd = validationEnd.microseconds
      self.users = UInt64(max(0, users))
      self.ended = ended
      self.families = families
    }

    /// A choice of settings with what it reached.
    package struct Point: Codable, Sendable, Hashable {
      /// Setting, as the flag without dashes, to value.
      package var settings: [String: Double]
      /// Mean over the users asked.
      package var value: Double
      package var standardError: Double

      package init(settings: [String: Double], value: Double, standardError: Double) {
        self.settings = settings
        self.value = value
        self.standardError = standardError
      }
    }

    /// One step of successive halving, over all brackets.
    package struct Rung: Codable, Sendable, Hashable {
      /// Users asked.
      package var users: UInt64
      /// Of iALS; 0 for families without.
      package var iterations: UInt64
      package var trials: UInt64

      package init(users: Int, iterations: Int, trials: Int) {
        self.users = UInt64(max(0, users))
        self.iterations = UInt64(max(0, iterations))
        self.trials = UInt64(max(0, trials))
      }
    }

    /// The search of one family.
    package struct Family: Codable, Sendable, Hashable {
      /// `popularity`, `transitions`, `cooccurrence` or `ials`.
      package var family: String
      /// Different points tried.
      package var tried: UInt64
      package var rungs: [Rung]
      package var seconds: Double
      /// Settings that somebody had chosen and that were left as they were.
      package var given: [String: Double]
      /// What is used: the best point, or the standard where the best is not ahead by enough.
      package var chosen: [String: Double]
      /// Absent if the search ended before anything was measured in full.
      package var best: Point?
      package var runnerUp: Point?
      /// The settings without a search.
      package var standard: Point?
      /// Why so, in words.
      package var reason: String
      /// Whether this generation was trained with `chosen`; if not, `note` says why.
      package var used: Bool
      package var note: String

      package init(family: String) {
        self.family = family
        tried = 0
        rungs = []
        seconds = 0
        given = [:]
        chosen = [:]
        reason = ""
        used = true
        note = ""
      }
    }
  }
}

extension Manifest.Tuning {
  /// For replies.
  package var summary: TuningSummary {
    func point(_ point: Point?) -> TuningSummary.Point? {
      point.map {
        TuningSummary.Point(
          settings: Self.values($0.settings), value: $0.value, standardError: $0.standardError)
      }
    }
    var summary = TuningSummary(generation: GenerationNumber(generation))
    summary.searched = Timestamp(microseconds: searched)
    summary.seconds = seconds
    summary.measure = measure
    summary.validation = validation
    summary.users = users
    summary.ended = ended
    summary.caution = caution
    summary.families = families.map { family in
      var result = TuningSummary.Family(family: family.family)
      result.tried = family.tried
      result.trials = family.rungs.reduce(0) { $0 &+ $1.trials }
      result.seconds = family.seconds
      result.chosen = Self.values(family.chosen)
      result.best = point(family.best)
      result.runnerUp = point(family.runnerUp)
      result.standard = point(family.standard)
      result.reason = family.reason
      result.isUsed = family.used
      result.note = family.note
      return result
    }
    return summary
  }

  private static func values(_ settings: [String: Double]) -> [MetricValue] {
    settings.sorted { $0.key < $1.key }.map { MetricValue(name: $0.key, value: $0.value) }
  }
}
