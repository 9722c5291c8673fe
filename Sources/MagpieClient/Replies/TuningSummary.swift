/// What a search for settings tried and chose.
public struct TuningSummary: Sendable, Hashable {
  /// The generation whose training searched.
  public var generation: UInt64
  /// When the search ended, microseconds since 1970.
  public var searchedMicroseconds: Int64 = 0
  /// How long it took.
  public var seconds = 0.0
  /// The metric that decides, such as `NDCG@10`.
  public var measure = ""
  /// For people: which events were asked about.
  public var validation = ""
  /// Users asked in full.
  public var users: UInt64 = 0
  /// Why it ended, in words.
  public var ended = ""
  /// What makes the hold-out's metrics less trustworthy, or empty.
  public var caution = ""
  /// One row for each family of models.
  public var families: [Family] = []

  /// An empty summary.
  public init(generation: UInt64) { self.generation = generation }

  /// A choice of settings with what it reached.
  public struct Point: Sendable, Hashable {
    /// Setting to value.
    public var settings: [String: Double]
    /// Mean over the users asked.
    public var value: Double
    /// Of the mean.
    public var standardError: Double

    /// Makes a point.
    public init(settings: [String: Double], value: Double, standardError: Double) {
      self.settings = settings
      self.value = value
      self.standardError = standardError
    }
  }

  /// The search of one family.
  public struct Family: Sendable, Hashable {
    /// Such as `ials`.
    public var family: String
    /// Different points tried.
    public var tried: UInt64 = 0
    /// Measurements, all rungs together.
    public var trials: UInt64 = 0
    /// How long it took.
    public var seconds = 0.0
    /// Setting to value.
    public var chosen: [String: Double] = [:]
    /// Nil where the search ended before anything was measured in full.
    public var best: Point?
    /// The second best.
    public var runnerUp: Point?
    /// The settings without a search.
    public var standard: Point?
    /// Why `chosen` was chosen.
    public var reason = ""
    /// Whether the generation was trained with `chosen`.
    public var isUsed = true
    /// Why not, or empty.
    public var note = ""

    /// An empty row.
    public init(family: String) { self.family = family }
  }
}
