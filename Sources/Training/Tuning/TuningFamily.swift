import Models
import Vocabulary

/// Models whose settings are searched together, with the values that are tried.
struct TuningFamily: Sendable {
  /// A setting and its values, ascending; a step is from one to the next.
  struct Axis: Sendable {
    let setting: TunableSetting
    let values: [Double]

    init(_ setting: TunableSetting, _ values: [Double]) {
      self.setting = setting
      self.values = values
    }
  }

  /// Also the model's name in the manifest.
  let name: String
  let axes: [Axis]
  /// Whether a rung may save iterations besides users.
  let iterates: Bool

  /// From cheap to dear: where time is short, the cheap ones are done.
  static let all = [
    TuningFamily(
      name: ModelName.popularity,
      axes: [
        Axis(.popularityWindow, [1, 3, 7, 14, 30, 60, 90, 180, 365]),
        Axis(.popularityHalfLife, [1, 3, 7, 14, 30, 90, 365]),
      ], iterates: false),
    TuningFamily(
      name: ModelName.transitions,
      axes: [
        Axis(.transitionWindow, [1, 2, 3, 5, 10, 20, 50, 100]),
        Axis(.transitionNeighbours, [50, 100, 200, 400]),
        Axis(.transitionShrinkage, [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]),
        Axis(.transitionBackward, [0, 0.25, 0.5, 0.75, 1]),
        // Descending age: no decay first, so that steps between neighbours are small.
        Axis(.transitionHalfLife, [0, 365, 180, 90, 30, 14, 7]),
      ], iterates: false),
    TuningFamily(
      name: ModelName.cooccurrence,
      axes: [
        Axis(.cooccurrenceNeighbours, [50, 100, 200, 400]),
        Axis(.cooccurrenceShrinkage, [0, 1, 2, 5, 10, 20, 50, 100, 200]),
        Axis(.cooccurrencePairsMin, [1, 2, 3]),
      ], iterates: false),
    TuningFamily(
      name: ModelName.ials,
      axes: [
        Axis(.factors, [16, 32, 64, 128, 256]),
        Axis(.regularisation, [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]),
        Axis(.unobservedWeight, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]),
        Axis(.regularisationExponent, [0.5, 0.75, 1]),
      ], iterates: true),
  ]

  /// The axes that nobody has given a value.
  func free(_ settings: TrainingSettings) -> [Axis] { axes.filter { !settings.given.contains($0.setting) } }

  /// What the settings say of the free axes.
  func point(of settings: TrainingSettings) -> TuningPoint {
    var point = TuningPoint()
    for axis in free(settings) { point[axis.setting] = settings[axis.setting] }
    return point
  }

  /// What somebody has given.
  func given(_ settings: TrainingSettings) -> TuningPoint {
    var point = TuningPoint()
    for axis in axes where settings.given.contains(axis.setting) {
      point[axis.setting] = settings[axis.setting]
    }
    return point
  }
}

/// A value for each free setting of a family.
struct TuningPoint: Sendable, Hashable {
  private(set) var values: [String: Double] = [:]

  init() {}

  init(_ values: [String: Double]) { self.values = values }

  subscript(setting: TunableSetting) -> Double? {
    get { values[setting.rawValue] }
    set { values[setting.rawValue] = newValue }
  }

  /// The settings with these values in their places. Names that mean nothing here are passed over.
  func applied(to settings: TrainingSettings) -> TrainingSettings {
    var result = settings
    for (name, value) in values {
      if let setting = TunableSetting(rawValue: name) { result[setting] = value }
    }
    return result
  }
}
