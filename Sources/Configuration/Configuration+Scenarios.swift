import Vocabulary

/// One key of one scenario, as it was written somewhere.
struct ScenarioAssignment: Sendable {
  var scenario: ScenarioName
  var key: ConfigurationKey
  var value: ConfigurationValue
}

/// `scenarios.NAME.KEY` says what one scenario does differently: any key of `reading`, and `weights.TYPE`. What it does
/// not say it has from `reading`, whatever that turns out to be, so scenarios are put together last.
extension Configuration {
  static let scenarioSection = "scenarios"

  /// Keys of scenarios by what is written behind the name: `hide_seen`, `weights.view`.
  package static let scenarioKeys: [(path: String, key: ConfigurationKey)] = ConfigurationKey.all.compactMap {
    if $0.path.hasPrefix("reading.") { return (String($0.path.dropFirst("reading.".count)), $0) }
    return $0.path.hasPrefix("weights.") ? ($0.path, $0) : nil
  }
  private static let keysOfScenarios = Dictionary(
    scenarioKeys.map { ($0.path, $0.key) }, uniquingKeysWith: { first, _ in first })

  /// Takes a value below `scenarios`.
  mutating func putScenario(
    _ value: ConfigurationValue, at path: String, from origin: ConfigurationOrigin
  ) throws(ConfigurationFault) {
    let parts = path.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 1 else {
      if value == .nothing { return }
      throw ConfigurationFault(
        origin, key: path, "This is a section; it must hold names of scenarios, not \(value.shown).")
    }
    let scenario = try Self.name(String(parts[1]), at: path, from: origin)
    let prefix = "\(Self.scenarioSection).\(scenario.text)"
    if !scenarios.contains(scenario) {
      guard scenarios.count < Limits.scenariosMax else {
        throw ConfigurationFault(
          origin, key: prefix, "There are more than \(Limits.scenariosMax) scenarios; remove one.")
      }
      scenarios.append(scenario)
    }
    guard parts.count > 2 else {
      guard value == .nothing else {
        throw ConfigurationFault(
          origin, key: path, "This is a section; it must hold keys below it, not \(value.shown).")
      }
      origins[path] = origin
      return
    }
    let written = String(parts[2])
    guard let key = Self.keysOfScenarios[written] else {
      if Self.scenarioKeys.contains(where: { $0.path.hasPrefix(written + ".") }) {
        throw ConfigurationFault(
          origin, key: path, "This is a section; it must hold keys below it, not \(value.shown).")
      }
      if let parent = Self.scenarioKeys.first(where: { written.hasPrefix($0.path + ".") }) {
        throw ConfigurationFault(
          origin, key: "\(prefix).\(parent.path)",
          "It must be \(parent.key.accepted), and holds keys below it.")
      }
      throw ConfigurationFault(
        origin, key: path, "There is no such key; a scenario has the keys of reading, and weights.",
        suggestion: nearestKey(to: written, among: Self.scenarioKeys.map(\.path).sorted()).map {
          "\(prefix).\($0)"
        })
    }
    var trial = Settings()
    guard key.write(&trial, value) else {
      throw ConfigurationFault(origin, key: path, key.refusal(of: value))
    }
    assignments.append(ScenarioAssignment(scenario: scenario, key: key, value: value))
    origins[path] = origin
  }

  private static func name(
    _ text: String, at path: String, from origin: ConfigurationOrigin
  ) throws(ConfigurationFault) -> ScenarioName {
    guard let name = try? ScenarioName(text) else {
      throw ConfigurationFault(
        origin, key: path,
        "The name of a scenario is 1 to \(Limits.nameBytesMax) characters out of a-z, 0-9, _ and -, starting with a letter or digit."
      )
    }
    guard name != .default else {
      throw ConfigurationFault(
        origin, key: path, "The default scenario is `reading` itself; write the key there.")
    }
    return name
  }

  /// Puts scenarios together: `reading` as it is now, then what each says differently, weakest first.
  mutating func resolveScenarios() {
    settings.scenarios = [:]
    for name in scenarios {
      var trial = settings
      for assignment in assignments where assignment.scenario == name {
        // Checked when it was put.
        _ = assignment.key.write(&trial, assignment.value)
      }
      settings.scenarios[name] = trial.reading
    }
  }

  /// Where a scenario's key was written; nil if it has it from `reading`.
  package func origin(of path: String, in scenario: ScenarioName) -> ConfigurationOrigin? {
    origins["\(Self.scenarioSection).\(scenario.text).\(path)"]
  }

  /// Lines of the rendered configuration, for what scenarios say differently.
  func scenarioRows() -> [Row] {
    var rows: [Row] = []
    for name in scenarios.sorted(by: { $0.text < $1.text }) {
      let prefix = "\(Self.scenarioSection).\(name.text)"
      var trial = settings
      trial.reading = settings.scenarios[name] ?? settings.reading
      let written = Self.scenarioKeys.compactMap { path, key in
        origin(of: path, in: name).map { Row(path: "\(prefix).\(path)", text: key.read(trial), origin: $0) }
      }
      rows += written.isEmpty ? [Row(path: prefix, text: "", origin: origins[prefix] ?? .default)] : written
    }
    return rows
  }

  /// What the hash says of scenarios: every key of each, in the order of names.
  static func scenarioText(of settings: Settings) -> String {
    var text = ""
    for (name, reading) in settings.scenarios.sorted(by: { $0.key.text < $1.key.text }) {
      var trial = settings
      trial.reading = reading
      text += "\(scenarioSection).\(name.text)\n"
      for (path, key) in scenarioKeys where key.shapesAnswers { text += "\(path)=\(key.read(trial))\n" }
    }
    return text
  }
}
