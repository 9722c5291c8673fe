import Glibc
import Vocabulary

/// How `magpie-train` is called. Every setting is passed, so that a run depends on nothing but its flags.
package enum TrainerFlags {
  package static func render(
    _ settings: TrainingSettings, data: String, tenant: TenantName, generation: GenerationNumber,
    through: Position
  ) -> [String] {
    let weights = EventType.allCases.map { "\($0.name)=\(settings.weights[$0])" }.joined(separator: ",")
    let values: [(String, String)] = [
      ("data", data),
      ("tenant", tenant.text),
      ("generation", "\(generation.value)"),
      ("through", "\(through.value)"),
      ("memory-limit", "\(settings.memoryLimitBytes)"),
      ("threads", "\(settings.threads)"),
      ("seed", "\(settings.seed)"),
      ("shards", "\(settings.shards)"),
      ("weights", weights),
      ("hold-out", "\(settings.holdOutShare)"),
      ("popularity-window", "\(settings.popularityWindowDays)"),
      ("popularity-half-life", "\(settings.popularityHalfLifeDays)"),
      ("segment-attributes", settings.segmentAttributes.joined(separator: ",")),
      ("transition-window", "\(settings.transitionWindow)"),
      ("neighbours", "\(settings.neighbours)"),
      ("factors", settings.factors.map { "\($0)" } ?? "auto"),
      ("iterations", "\(settings.iterations)"),
      ("regularisation", "\(settings.regularisation)"),
      ("unobserved-weight", settings.unobservedWeight.map { "\($0)" } ?? "auto"),
      ("confidence-half-life", settings.confidenceHalfLifeDays.map { "\($0)" } ?? "off"),
      ("item-half-life", settings.itemHalfLifeDays.map { "\($0)" } ?? "auto"),
      ("linear", settings.linear ? "auto" : "off"),
      ("linear-neighbours", "\(settings.linearNeighbours)"),
      ("user-neighbours", settings.userNeighbours ? "auto" : "off"),
      ("blend", settings.blend ? "on" : "off"),
      ("blend-rounds", "\(settings.blendRounds)"),
      ("blend-depth", "\(settings.blendDepth)"),
      ("blend-rate", "\(settings.blendRate)"),
      ("progress", "json"),
      ("die-with-parent", "\(getpid())"),
    ]
    // One word each, so that a value that begins with a dash is not taken for a flag.
    return values.map { "--\($0)=\($1)" }
  }
}
