/// Coordinate search for a model's parameters on the validation part: every parameter in turn takes the best of its
/// candidates, until a round changes nothing or the time is over. What a journal already knows is not tried again, so a
/// search that was cut short goes on where it stopped.
struct ParameterSearch {
  let model: String
  let parameters: [ModelParameter]
  /// Set by the caller: not searched.
  let fixed: Set<String>
  let minutes: Double
  let journal: TuningJournal?
  let progress: @Sendable (Double) -> Void

  /// What came out. Values are those of `run`'s closure.
  struct Found {
    let settings: ModelSettings
    let first: Double
    let best: Double
    /// Settings looked at, those of the journal included.
    let tried: Int
    let remembered: Int
    let isComplete: Bool
  }

  /// - Parameter value: how good settings are, higher is better; called once for each. It gets a function that says a trial
  ///   goes on. A setting that throws is no candidate, except the first.
  func run(
    from start: ModelSettings,
    _ value: (ModelSettings, _ tick: @escaping @Sendable () -> Void) throws(EvaluationFault) -> Double
  ) throws(EvaluationFault) -> Found {
    let (clock, limit) = (ContinuousClock.now, 60 * minutes)
    let progress = progress
    let tick: @Sendable () -> Void = { progress(min(1, (ContinuousClock.now - clock).inSeconds / limit)) }
    var isOver: Bool { (ContinuousClock.now - clock).inSeconds >= limit }
    var tried: [ModelSettings: Double] = [:]
    var remembered = 0
    func judge(_ settings: ModelSettings) throws(EvaluationFault) -> Double {
      if let known = tried[settings] { return known }
      if let known = journal?.value(model, settings) {
        tried[settings] = known
        remembered += 1
        return known
      }
      tick()
      do throws(EvaluationFault) {
        let found = try value(settings, tick)
        tried[settings] = found
        try journal?.add(model, settings, found)
        return found
      } catch  where error.kind != .file && !tried.isEmpty {
        tried[settings] = -.infinity
        try journal?.add(model, settings, -.infinity)
        return -.infinity
      }
    }
    let first = try judge(start)
    var best = (settings: start, value: first)
    var isImproving = true
    while isImproving, !isOver {
      isImproving = false
      for parameter in parameters where !fixed.contains(parameter.name) {
        for candidate in parameter.candidates(start[parameter.name]) where parameter.range.contains(candidate)
        {
          var settings = best.settings
          settings[parameter.name] = candidate
          if isOver, tried[settings] == nil, journal?.value(model, settings) == nil { continue }
          let found = try judge(settings)
          if found > best.value {
            best = (settings, found)
            isImproving = true
          }
        }
      }
    }
    return Found(
      settings: best.settings, first: first, best: best.value, tried: tried.count, remembered: remembered,
      isComplete: !isImproving)
  }
}
