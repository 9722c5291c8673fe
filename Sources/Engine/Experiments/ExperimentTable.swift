import Vocabulary

/// The experiments of a configuration, ready to assign requests. Assigning allocates nothing.
struct ExperimentTable: Sendable {
  struct Arm: Sendable {
    /// `NAME/ARM`, as replies carry it.
    var label: String
    var scenario: [UInt8]
    var generation: GenerationNumber
    /// How likely it is, and the end of its part of the unit interval.
    var propensity: Double
    var end: Double
  }

  struct Entry: Sendable {
    /// Empty for the default scenario.
    var scenario: [UInt8]
    var unit: ExperimentSettings.Unit
    var salt: UInt64
    var arms: [Arm]
  }

  private(set) var entries: [Entry] = []

  init() {}

  init(_ settings: [ExperimentSettings]) {
    entries = settings.compactMap { experiment in
      let sum = experiment.arms.reduce(0) { $0 + max(0, $1.share) }
      guard sum > 0 else { return nil }
      var end = 0.0
      let arms = experiment.arms.map { arm in
        end += max(0, arm.share) / sum
        return Arm(
          label: experiment.name + "/" + arm.name, scenario: Array(arm.scenario.utf8),
          generation: GenerationNumber(arm.generation), propensity: max(0, arm.share) / sum, end: end)
      }
      return Entry(
        scenario: Self.plain(Array(experiment.scenario.utf8)), unit: experiment.unit,
        // The name belongs to the salt: two experiments divide the same users differently.
        salt: StableHash.of(Array((experiment.name + "\n" + experiment.salt).utf8)), arms: arms)
    }
  }

  private static func plain(_ scenario: [UInt8]) -> [UInt8] {
    scenario.elementsEqual(ScenarioName.default.text.utf8) ? [] : scenario
  }

  /// The arm that answers, nil where no experiment concerns the request or nobody can be told from others. The same
  /// request gets the same arm in every process and release. O(experiments + arms).
  func assign(_ request: RecommendRequest) -> Arm? {
    if entries.isEmpty { return nil }
    let isDefault =
      request.scenario.isEmpty || request.scenario.elementsEqual(ScenarioName.default.text.utf8)
    for entry in entries where isDefault ? entry.scenario.isEmpty : entry.scenario == request.scenario {
      guard let hash = hash(request, entry) else { return nil }
      let place = Double(hash >> 11) * 0x1p-53
      for arm in entry.arms where place < arm.end { return arm }
      // Shares add up to 1 but for rounding; an arm without a share answers nobody even then.
      return entry.arms.last { $0.propensity > 0 }
    }
    return nil
  }

  private func hash(_ request: RecommendRequest, _ entry: Entry) -> UInt64? {
    switch entry.unit {
    case .seed: return StableHash.mix(entry.salt ^ StableHash.mix(request.seed &+ 1))
    case .user:
      if !request.user.isEmpty { return StableHash.of(request.user, seed: entry.salt) }
      // A session is told by the item it began with, so that its later pages stay in the arm.
      return request.sessionItems.first.map { StableHash.of($0, seed: ~entry.salt) }
    }
  }
}
