import Models
import Vocabulary

/// Whether and how long a run searches for settings.
package struct TuningOrder: Sendable, Hashable {
  package enum When: String, Sendable, Hashable, CaseIterable {
    case always
    /// Only if nothing usable was found yet, or the log has doubled since.
    case due
  }

  package var seconds: Double
  package var when: When

  package init(seconds: Double, when: When = .always) {
    self.seconds = seconds
    self.when = when
  }

  /// - Parameter stored: what the last search found, if it can be read.
  func isDue(_ stored: TunedSettings?, settings: TrainingSettings, through: Position) -> Bool {
    guard when == .due else { return true }
    guard let stored else { return true }
    return stored.applied(to: settings).tuning.families.contains { !$0.used }
      || through.value / 2 >= stored.tuning.through
  }
}

extension TunedSettings {
  /// The settings with the values of each family that may be used, and the search's record with what is used.
  ///
  /// A family's values were fitted to the settings that were given then; they are used as a whole or not at all.
  func applied(to settings: TrainingSettings) -> (settings: TrainingSettings, tuning: Manifest.Tuning) {
    var result = settings
    var tuning = tuning
    for place in tuning.families.indices {
      let family = tuning.families[place]
      let obstacle = obstacle(family, settings)
      tuning.families[place].used = obstacle == nil
      tuning.families[place].note = obstacle ?? ""
      if obstacle == nil { result = TuningPoint(family.chosen).applied(to: result) }
    }
    return (result, tuning)
  }

  /// Why a family's values are not used, or nil.
  private func obstacle(_ family: Manifest.Tuning.Family, _ settings: TrainingSettings) -> String? {
    if weights != settings.recordedWeights { return "The event weights have changed since." }
    for (name, value) in family.given.sorted(by: { $0.key < $1.key }) {
      guard let setting = TunableSetting(rawValue: name) else {
        return "\(name) is no setting of this release."
      }
      if !settings.given.contains(setting) { return "\(name) was given as \(value) then and is not now." }
      if settings[setting] != value {
        return "\(name) was given as \(value) then, now as \(settings[setting])."
      }
    }
    for (name, value) in family.chosen.sorted(by: { $0.key < $1.key }) {
      guard let setting = TunableSetting(rawValue: name) else {
        return "\(name) is no setting of this release."
      }
      if settings.given.contains(setting), settings[setting] != value {
        return "\(name) was found as \(value), but is given as \(settings[setting]) now."
      }
    }
    do {
      try TuningPoint(family.chosen).applied(to: settings).check()
    } catch {
      return error.message
    }
    return nil
  }
}
