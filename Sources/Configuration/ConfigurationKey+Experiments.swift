import Vocabulary

/// Keys below `experiments`, whose names are the operator's: `experiments.NAME.salt`, `experiments.NAME.arms.ARM.share`.
extension ConfigurationKey {
  static let experimentPrefix = "experiments."

  /// What may follow `experiments.NAME.` and `experiments.NAME.arms.ARM.`.
  static let experimentKeys = ["scenario", "unit", "salt"]
  static let armKeys = ["share", "scenario", "generation"]

  /// The key of a path, nil if no key can have it. The names are checked.
  static func experiment(_ path: String) -> ConfigurationKey? {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.first == "experiments", parts.count >= 3, isName(parts[1]) else { return nil }
    if parts.count == 3, experimentKeys.contains(parts[2]) { return key(parts[1], parts[2]) }
    if parts.count == 5, parts[2] == "arms", isName(parts[3]), armKeys.contains(parts[4]) {
      return key(parts[1], arm: parts[3], parts[4])
    }
    return nil
  }

  /// All keys of the experiments that settings hold, in their order.
  static func experiments(in settings: Settings) -> [ConfigurationKey] {
    settings.experiments.flatMap { experiment in
      experimentKeys.map { key(experiment.name, $0) }
        + experiment.arms.flatMap { arm in armKeys.map { key(experiment.name, arm: arm.name, $0) } }
    }
  }

  private static func isName(_ text: String) -> Bool { (try? ScenarioName(text)) != nil }

  private static func key(_ name: String, _ key: String) -> ConfigurationKey {
    let (about, accepted): (String, String) =
      switch key {
      case "scenario":
        ("The scenario whose requests take part; empty means the default one.", "a scenario's name or empty")
      case "unit": ("What a request is assigned by.", "user or seed")
      default: ("Changing it assigns everybody anew.", "a text of at most 64 bytes")
      }
    return ConfigurationKey(
      path: "experiments.\(name).\(key)", about: about, accepted: accepted, shapesAnswers: true,
      read: { settings in
        guard let found = settings.experiments.first(where: { $0.name == name }) else { return "\"\"" }
        return switch key {
        case "scenario": "\"\(found.scenario)\""
        case "unit": found.unit.rawValue
        default: "\"\(found.salt)\""
        }
      },
      write: { settings, value in
        guard let text = value.text else { return false }
        var found = ExperimentSettings(name: name)
        let place = settings.experiments.firstIndex { $0.name == name }
        if let place { found = settings.experiments[place] }
        switch key {
        case "scenario":
          guard text.isEmpty || isName(text) else { return false }
          found.scenario = text
        case "unit":
          guard let unit = ExperimentSettings.Unit(rawValue: text) else { return false }
          found.unit = unit
        default:
          guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 && $0 != 34 && $0 != 92 })
          else { return false }
          found.salt = text
        }
        return put(found, place, in: &settings)
      })
  }

  private static func key(_ name: String, arm armName: String, _ key: String) -> ConfigurationKey {
    let (about, accepted): (String, String) =
      switch key {
      case "share": ("Its part of the requests, relative to the other arms'.", "a number from 0 to 1000000")
      case "scenario":
        (
          "The scenario that answers instead of the one asked for; empty leaves it.",
          "a scenario's name or empty"
        )
      default: ("The generation that answers; 0 takes the one that serves.", "a whole number from 0")
      }
    return ConfigurationKey(
      path: "experiments.\(name).arms.\(armName).\(key)", about: about, accepted: accepted,
      shapesAnswers: true,
      read: { settings in
        guard let found = settings.experiments.first(where: { $0.name == name }),
          let arm = found.arms.first(where: { $0.name == armName })
        else { return "0" }
        return switch key {
        case "share": Int64(exactly: arm.share).map(String.init) ?? "\(arm.share)"
        case "scenario": "\"\(arm.scenario)\""
        default: String(arm.generation)
        }
      },
      write: { settings, value in
        var found = ExperimentSettings(name: name)
        let place = settings.experiments.firstIndex { $0.name == name }
        if let place { found = settings.experiments[place] }
        var arm = ExperimentSettings.Arm(name: armName)
        let armPlace = found.arms.firstIndex { $0.name == armName }
        if let armPlace { arm = found.arms[armPlace] }
        switch key {
        case "share":
          guard let share = value.number, (0...1_000_000).contains(share) else { return false }
          arm.share = share
        case "scenario":
          guard let text = value.text, text.isEmpty || isName(text) else { return false }
          arm.scenario = text
        default:
          guard let number = value.integer, let generation = UInt64(exactly: number) else { return false }
          arm.generation = generation
        }
        if let armPlace {
          found.arms[armPlace] = arm
        } else {
          guard found.arms.count < Limits.armsMax else { return false }
          found.arms.append(arm)
        }
        return put(found, place, in: &settings)
      })
  }

  private static func put(
    _ experiment: ExperimentSettings, _ place: Int?, in settings: inout Settings
  ) -> Bool {
    if let place {
      settings.experiments[place] = experiment
      return true
    }
    guard settings.experiments.count < Limits.experimentsMax else { return false }
    settings.experiments.append(experiment)
    return true
  }
}

extension Configuration {
  /// Refuses a scenario that is not configured.
  private func check(
    scenario: String, at path: String, _ origin: ConfigurationOrigin
  ) throws(ConfigurationFault) {
    let isKnown =
      scenario.isEmpty || scenario == ScenarioName.default.text
      || settings.scenarios.keys.contains { $0.text == scenario }
    guard !isKnown else { return }
    throw ConfigurationFault(
      origins[path] ?? origin, key: path,
      "There is no scenario \(scenario); every request of it would be refused. Configure it below scenarios.")
  }

  /// What single keys cannot tell: an experiment needs two arms that get requests, and a scenario has one experiment; scenarios must exist.
  func checkExperiments() throws(ConfigurationFault) {
    var taken: [String: String] = [:]
    for experiment in settings.experiments {
      let path = ConfigurationKey.experimentPrefix + experiment.name
      let origin = origin(ofFirstKeyBelow: path + ".")
      guard experiment.arms.filter({ $0.share > 0 }).count >= 2 else {
        throw ConfigurationFault(
          origin, key: path + ".arms", "An experiment needs at least two arms with a share above 0.")
      }
      let scenario = experiment.scenario == ScenarioName.default.text ? "" : experiment.scenario
      if let other = taken[scenario] {
        throw ConfigurationFault(
          origin, key: path + ".scenario",
          "The experiment \(other) concerns the same scenario; a request takes part in one only.")
      }
      taken[scenario] = experiment.name
      try check(scenario: experiment.scenario, at: path + ".scenario", origin)
      for arm in experiment.arms {
        try check(scenario: arm.scenario, at: "\(path).arms.\(arm.name).scenario", origin)
      }
    }
  }
}
