/// A setting of training that a search may choose. Raw values are flags of `magpie-train` without dashes; they are
/// stored in manifests and journals: never reuse one.
package enum TunableSetting: String, Sendable, Hashable, CaseIterable {
  case popularityWindow = "popularity-window"
  case popularityHalfLife = "popularity-half-life"
  case transitionWindow = "transition-window"
  case transitionNeighbours = "transition-neighbours"
  case transitionShrinkage = "transition-shrinkage"
  case transitionBackward = "transition-backward"
  case transitionHalfLife = "transition-half-life"
  case cooccurrenceNeighbours = "cooccurrence-neighbours"
  case cooccurrenceShrinkage = "cooccurrence-shrinkage"
  case cooccurrencePairsMin = "cooccurrence-pairs-min"
  case factors
  case regularisation
  case unobservedWeight = "unobserved-weight"
  case regularisationExponent = "regularisation-exponent"
}

extension TrainingSettings {
  /// Whether the setting is left to the data's size.
  package func isAuto(_ setting: TunableSetting) -> Bool {
    switch setting {
    case .factors: factors == nil
    case .unobservedWeight: unobservedWeight == nil
    default: false
    }
  }

  /// The setting as a number, 0 where it is left to the data. Settings that are whole numbers are rounded when they are set.
  package subscript(setting: TunableSetting) -> Double {
    get {
      switch setting {
      case .popularityWindow: popularityWindowDays
      case .popularityHalfLife: popularityHalfLifeDays
      case .transitionWindow: Double(transitionWindow)
      case .transitionNeighbours: Double(transitionNeighbours)
      case .transitionShrinkage: transitionShrinkage
      case .transitionBackward: transitionBackward
      case .transitionHalfLife: transitionHalfLifeDays
      case .cooccurrenceNeighbours: Double(cooccurrenceNeighbours)
      case .cooccurrenceShrinkage: cooccurrenceShrinkage
      case .cooccurrencePairsMin: cooccurrencePairsMin
      case .factors: Double(factors ?? 0)
      case .regularisation: regularisation
      case .unobservedWeight: unobservedWeight ?? 0
      case .regularisationExponent: regularisationExponent
      }
    }
    set {
      switch setting {
      case .popularityWindow: popularityWindowDays = newValue
      case .popularityHalfLife: popularityHalfLifeDays = newValue
      case .transitionWindow: transitionWindow = Self.whole(newValue)
      case .transitionNeighbours: transitionNeighbours = Self.whole(newValue)
      case .transitionShrinkage: transitionShrinkage = newValue
      case .transitionBackward: transitionBackward = newValue
      case .transitionHalfLife: transitionHalfLifeDays = newValue
      case .cooccurrenceNeighbours: cooccurrenceNeighbours = Self.whole(newValue)
      case .cooccurrenceShrinkage: cooccurrenceShrinkage = newValue
      case .cooccurrencePairsMin: cooccurrencePairsMin = newValue
      case .factors: factors = newValue == 0 ? nil : Self.whole(newValue)
      case .regularisation: regularisation = newValue
      case .unobservedWeight: unobservedWeight = newValue == 0 ? nil : newValue
      case .regularisationExponent: regularisationExponent = newValue
      }
    }
  }

  /// -1, which every range check refuses, for what is no whole number of sane size: values come from a file.
  private static func whole(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? -1 }
}
