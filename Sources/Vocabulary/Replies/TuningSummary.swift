/// What a search for settings tried and chose, as replies tell it.
package struct TuningSummary: Sendable, Hashable {
  /// The generation whose run searched.
  package var generation: GenerationNumber
  package var searched: Timestamp = .zero
  package var seconds = 0.0
  /// The metric that decides, such as `NDCG@10`.
  package var measure = ""
  /// For people: which events were asked about.
  package var validation = ""
  /// Users asked in full.
  package var users: UInt64 = 0
  /// Why it ended, in words.
  package var ended = ""
  /// What makes the hold-out's metrics less trustworthy, or empty.
  package var caution = ""
  package var families: [Family] = []
  package init(generation: GenerationNumber) { self.generation = generation }

  /// A choice of settings with what it reached.
  package struct Point: Sendable, Hashable {
    package var settings: [MetricValue]
    package var value: Double
    package var standardError: Double
    package init(settings: [MetricValue], value: Double, standardError: Double) {
      self.settings = settings
      self.value = value
      self.standardError = standardError
    }
  }

  /// The search of one family of models.
  package struct Family: Sendable, Hashable {
    /// Such as `ials`.
    package var family: String
    /// Different points tried.
    package var tried: UInt64 = 0
    /// Measurements, all rungs together.
    package var trials: UInt64 = 0
    package var seconds = 0.0
    package var chosen: [MetricValue] = []
    /// Nil where the search ended before anything was measured in full.
    package var best: Point?
    package var runnerUp: Point?
    package var standard: Point?
    package var reason = ""
    /// Whether the generation was trained with `chosen`.
    package var isUsed = true
    /// Why not, or empty.
    package var note = ""
    package init(family: String) { self.family = family }
  }
}
