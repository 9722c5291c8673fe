import ArgumentParser
import Training
import Vocabulary

extension GateMode: ExpressibleByArgument {}

/// One flag for each field of `TrainingSettings` that a run uses; defaults are the product's.
struct SettingFlags: ParsableArguments {
  private static let standard = TrainingSettings()

  @Option(help: "Bytes the run may take; it refuses before it takes more.")
  var memoryLimit = Self.standard.memoryLimitBytes
  @Option(help: "Threads.")
  var threads = Self.standard.threads
  @Option(help: "Seed of everything drawn by chance.")
  var seed = Self.standard.seed
  @Option(help: "Partitions of users; part of what fixes the result's bytes.")
  var shards = Self.standard.shards
  @Option(
    help: ArgumentHelp(
      "Event weights that differ from the standard, such as view=1,purchase=10; 0 ignores a type.",
      valueName: "type=weight,…"))
  var weights = ""
  @Option(help: "Share of the newest events held out for the metrics; 0 measures nothing.")
  var holdOut = Self.standard.holdOutShare
  @Option(
    help: ArgumentHelp(
      "User attributes by whose values popularity is split, beside item categories; empty for none.",
      valueName: "name,…"))
  var segmentAttributes = Self.standard.segmentAttributes.joined(separator: ",")
  @Option(help: "Neighbours kept for each item.")
  var neighbours = Self.standard.neighbours
  @Option(help: "Epochs of iALS.")
  var iterations = Self.standard.iterations
  @Option(
    help: "Days before a user's newest event at which a pair counts half for iALS and like users, or off.")
  var confidenceHalfLife = NumberOr<Double>(word: "off")
  @Option(
    help: "Days after which a pair counts half for item-kNN, or auto: half of the time the events span.")
  var itemHalfLife = NumberOr<Double>(word: "auto")
  @Option(help: "The linear item model: auto where it fits, or off.")
  var linear = Self.standard.linear ? Family.auto : .off
  @Option(help: "Neighbours the linear item model keeps for each item.")
  var linearNeighbours = Self.standard.linearNeighbours
  @Option(help: "The index of like users: auto where it fits, or off.")
  var userNeighbours = Self.standard.userNeighbours ? Family.auto : .off

  @Option(help: "auto or off: what items say of themselves, for items nobody has touched.")
  var content = Self.standard.content ? Family.auto : .off
  @OptionGroup(title: "Settings that a search may choose; one that is given stays as it is")
  var tunable: TunableFlags

  @Option(help: "Whether trees compete with fusion for the order of candidates: on or off.")
  var blend = Self.standard.blend ? Switch.on : .off
  @Option(help: "Trees at most.")
  var blendRounds = Self.standard.blendRounds
  @Option(help: "Depth of a tree.")
  var blendDepth = Self.standard.blendDepth
  @Option(help: "Share of what is left that each tree takes away.")
  var blendRate = Self.standard.blendRate

  @Option(help: "Whether a generation that loses on the hold-out is marked as refused: on, warn or off.")
  var gate = Self.standard.gate
  @Option(help: "Share of the other's NDCG@10 by which it may fall behind and still pass.")
  var gateMargin = Self.standard.gateMargin

  enum Family: String, ExpressibleByArgument, CaseIterable { case auto, off }
  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  /// Ranges are checked by the run itself, which the daemon uses as well.
  func resolved() throws -> TrainingSettings {
    var settings = TrainingSettings()
    settings.memoryLimitBytes = memoryLimit
    settings.threads = threads
    settings.seed = seed
    settings.shards = shards
    settings.weights = try resolvedWeights()
    settings.holdOutShare = holdOut
    settings.segmentAttributes = segmentAttributes.split(separator: ",").map(String.init)
    settings.neighbours = neighbours
    settings.iterations = iterations
    settings.confidenceHalfLifeDays = try confidenceHalfLife.number(
      of: "--confidence-half-life", instead: "off")
    settings.itemHalfLifeDays = try itemHalfLife.number(of: "--item-half-life", instead: "auto")
    settings.linear = linear == .auto
    settings.linearNeighbours = linearNeighbours
    settings.userNeighbours = userNeighbours == .auto
    settings.content = content == .auto
    try tunable.apply(to: &settings)
    settings.blend = blend == .on
    settings.blendRounds = blendRounds
    settings.blendDepth = blendDepth
    settings.blendRate = blendRate
    settings.gate = gate
    settings.gateMargin = gateMargin
    return settings
  }

  private func resolvedWeights() throws -> EventWeights {
    var result = EventWeights.standard
    for part in weights.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let type = EventType(name: String(sides[0])),
        let weight = Float(sides[1]), weight.isFinite
      else {
        throw ValidationError(
          "--weights has '\(part)'; write type=weight with a type out of \(EventType.allCases.map(\.name).joined(separator: ", "))."
        )
      }
      result[type] = weight
    }
    return result
  }
}
