import Training

/// A number a model can be told.
package struct ModelParameter: Sendable {
  package let name: String
  /// What it does and its unit.
  package let summary: String
  package let range: ClosedRange<Double>
  /// The default for these data.
  let standard: @Sendable (FitData) -> Double
  /// What `--tune` tries, given the default.
  let candidates: @Sendable (Double) -> [Double]

  init(
    _ name: String, _ summary: String, _ range: ClosedRange<Double>,
    _ standard: @escaping @Sendable (FitData) -> Double,
    try candidates: @escaping @Sendable (Double) -> [Double] = { _ in [] }
  ) {
    self.name = name
    self.summary = summary
    self.range = range
    self.standard = standard
    self.candidates = candidates
  }

  init(
    _ name: String, _ summary: String, _ range: ClosedRange<Double>, _ standard: Double,
    try candidates: [Double] = []
  ) {
    self.init(name, summary, range, { _ in standard }, try: { _ in candidates })
  }
}

/// The numbers a model is told, by name.
package struct ModelSettings: Sendable, Hashable {
  package private(set) var values: [String: Double]

  package init(_ values: [String: Double] = [:]) { self.values = values }

  /// A parameter's value. REQUIRES: the model has the parameter; its settings hold all of them.
  package subscript(name: String) -> Double {
    get { values[name] ?? .nan }
    set { values[name] = newValue }
  }

  /// Defaults for these data, with the given values instead of them where there are some.
  /// - Throws: `usage` for a parameter the model does not have or a value outside its range.
  init(of model: String, _ parameters: [ModelParameter], _ fit: FitData, _ given: [String: Double])
    throws(EvaluationFault)
  {
    values = [:]
    for parameter in parameters { values[parameter.name] = parameter.standard(fit) }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        let known = parameters.map(\.name).joined(separator: ", ")
        throw EvaluationFault(
          .usage,
          "\(model) has no parameter \(name)\(known.isEmpty ? "; it has none." : "; it has \(known).")")
      }
      guard parameter.range.contains(value) else {
        throw EvaluationFault(
          .usage,
          "\(model).\(name) is \(value); it must be from \(parameter.range.lowerBound) to \(parameter.range.upperBound)."
        )
      }
      values[name] = value
    }
  }

  /// A whole number, at least 1.
  func count(_ name: String) -> Int { max(1, Int(exactly: self[name].rounded()) ?? 1) }
}

/// What a model is trained with besides data and settings.
package struct TrainingContext: Sendable {
  package let pool: ThreadPool
  package let seed: UInt64
  package let seenRule: SeenRule
  package let memoryLimitBytes: UInt64
  package let progress: @Sendable (Double) -> Void

  package init(
    pool: ThreadPool, seed: UInt64 = 1, seenRule: SeenRule, memoryLimitBytes: UInt64 = .max,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) {
    self.pool = pool
    self.seed = seed
    self.seenRule = seenRule
    self.memoryLimitBytes = memoryLimitBytes
    self.progress = progress
  }
}

/// A model that `magpie evaluate` knows by name: what it can be told, what it needs, how it is made.
package struct ModelDescription: Sendable {
  package let name: String
  /// One line for `--help`.
  package let summary: String
  package let parameters: [ModelParameter]
  /// Why the data do not suit it, or nil.
  let obstacle: @Sendable (FitData, ModelSettings, TrainingContext) -> String?
  /// Whether `all` and `blend` include it where data are of its kind.
  let suits: @Sendable (FitData) -> Bool
  let train: @Sendable (FitData, ModelSettings, TrainingContext) -> RankerBox?

  init(
    _ name: String, _ summary: String, _ parameters: [ModelParameter] = [],
    suits: @escaping @Sendable (FitData) -> Bool = { _ in true },
    obstacle: @escaping @Sendable (FitData, ModelSettings, TrainingContext) -> String? = { _, _, _ in nil },
    train: @escaping @Sendable (FitData, ModelSettings, TrainingContext) -> RankerBox?
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.suits = suits
    self.obstacle = obstacle
    self.train = train
  }

  /// The settings for these data, with the given ones instead of the defaults; see `ModelSettings.init`.
  package func settings(_ fit: FitData, _ given: [String: Double] = [:]) throws(EvaluationFault)
    -> ModelSettings
  {
    try ModelSettings(of: name, parameters, fit, given)
  }

  /// Trains it. - Throws: `usage` if the data do not suit it, `model` if numbers left their range.
  package func make(_ fit: FitData, _ settings: ModelSettings, _ context: TrainingContext)
    throws(EvaluationFault) -> RankerBox
  {
    if let obstacle = obstacle(fit, settings, context) {
      throw EvaluationFault(.usage, "\(name): \(obstacle)")
    }
    guard let ranker = train(fit, settings, context) else {
      throw EvaluationFault(
        .model,
        "\(name) left the range of numbers; raise its regularisation with --set \(name).regularisation=…")
    }
    return ranker
  }
}
