/// How one model did on the temporal hold-out.
public struct ModelMetrics: Sendable, Hashable {
  /// Such as `popularity` or `ials`.
  public var model: String
  /// Name and value, such as `NDCG@20` and 0.21.
  public var metrics: [(name: String, value: Double)]

  /// Makes a row.
  public init(model: String, metrics: [(name: String, value: Double)]) {
    self.model = model
    self.metrics = metrics
  }

  /// Same model, names and values.
  public static func == (left: Self, right: Self) -> Bool {
    left.model == right.model && left.metrics.elementsEqual(right.metrics, by: ==)
  }

  /// Hashes the model's name and the metrics' names and values.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    for metric in metrics {
      hasher.combine(metric.name)
      hasher.combine(metric.value)
    }
  }
}

/// One generation of a tenant.
public struct GenerationSummary: Sendable, Hashable {
  /// Counted from 1.
  public var number: UInt64
  /// Whether it answers requests now.
  public var isServing = false
  /// When it was made, microseconds since 1970.
  public var createdMicroseconds: Int64 = 0
  /// Last position it has learnt from.
  public var trainedTo: UInt64 = 0
  /// Users it has learnt from.
  public var users: UInt64 = 0
  /// Items it knows.
  public var items: UInt64 = 0
  /// Events it has learnt from.
  public var events: UInt64 = 0
  /// Size on disk.
  public var bytes: UInt64 = 0
  /// How long it took.
  public var trainingSeconds: Float = 0
  /// Temporal hold-out, one row for each model.
  public var metrics: [ModelMetrics] = []
  /// Why it cannot be served, or empty.
  public var problem = ""
  /// The search its settings come from, if there was one.
  public var tuning: TuningSummary?
  /// `blend` or `fusion`: what orders its candidates; empty if its trainer did not say.
  public var ranking = ""
  /// Why so.
  public var rankingReason = ""
  /// Whether it earned its place; nil if its trainer asked no gate.
  public var gate: GateVerdict?
  /// The trainer's settings as text, by name.
  public var settings: [String: String] = [:]

  /// An empty summary.
  public init(number: UInt64) { self.number = number }
}
