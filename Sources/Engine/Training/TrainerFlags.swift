import Glibc
import Vocabulary

/// How `magpie-train` is called. Every setting is passed but those that a search may choose and nobody has given: so a run
/// depends on nothing but its flags and what a search found.
package enum TrainerFlags {
  package static func render(
    _ settings: TrainingSettings, data: String, tenant: TenantName, generation: GenerationNumber,
    through: Position, serving: GenerationNumber, tuneMinutes: UInt32 = 0
  ) -> [String] {
    let weights = EventType.allCases.map { "\($0.name)=\(settings.weights[$0])" }.joined(separator: ",")
    var values: [(String, String)] = [
      ("data", data),
      ("tenant", tenant.text),
      ("generation", "\(generation.value)"),
      ("through", "\(through.value)"),
      ("serving", "\(serving.value)"),
      ("memory-limit", "\(settings.memoryLimitBytes)"),
      ("threads", "\(settings.threads)"),
      ("seed", "\(settings.seed)"),
      ("shards", "\(settings.shards)"),
      ("weights", weights),
      ("hold-out", "\(settings.holdOutShare)"),
      ("segment-attributes", settings.segmentAttributes.joined(separator: ",")),
      ("neighbours", "\(settings.neighbours)"),
      ("iterations", "\(settings.iterations)"),
      ("confidence-half-life", settings.confidenceHalfLifeDays.map { "\($0)" } ?? "off"),
      ("item-half-life", settings.itemHalfLifeDays.map { "\($0)" } ?? "auto"),
      ("linear", settings.linear ? "auto" : "off"),
      ("linear-neighbours", "\(settings.linearNeighbours)"),
      ("user-neighbours", settings.userNeighbours ? "auto" : "off"),
      ("content", settings.content ? "auto" : "off"),
      ("blend", settings.blend ? "on" : "off"),
      ("blend-rounds", "\(settings.blendRounds)"),
      ("blend-depth", "\(settings.blendDepth)"),
      ("blend-rate", "\(settings.blendRate)"),
      ("gate", settings.gate.rawValue),
      ("gate-margin", "\(settings.gateMargin)"),
      ("progress", "json"),
      ("die-with-parent", "\(getpid())"),
    ]
    for setting in settings.given.sorted(by: { $0.rawValue < $1.rawValue }) {
      let value = settings[setting]
      values.append((setting.rawValue, Int(exactly: value).map { "\($0)" } ?? "\(value)"))
    }
    if tuneMinutes > 0 {
      values.append(("tune", "\(tuneMinutes)"))
    } else if settings.tuneMinutes > 0 {
      values += [("tune", "\(settings.tuneMinutes)"), ("tune-when", "due")]
    }
    // One word each, so that a value that begins with a dash is not taken for a flag.
    return values.map { "--\($0)=\($1)" }
  }
}
