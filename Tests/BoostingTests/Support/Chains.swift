import Foundation
import Models
import Storage
import Training
import Vocabulary

/// SplitMix64: the tests' source of chance, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }
}

/// Users who walk from item to item, each to the item's successor most of the time. Popularity and taste say
/// little about them, the newest item nearly everything: an order of all sources that weighs them alike can be
/// beaten.
enum Chains {
  static let origin: Int64 = 1_600_000_000

  struct Step {
    var user: Int
    var item: Int
    var seconds: Int64
  }

  static func steps(seed: UInt64, users: Int = 300, items: Int = 120, perUser: Int = 30) -> [Step] {
    var chance = SeededGenerator(seed: seed)
    var steps: [Step] = []
    for user in 0..<users {
      var item = Int.random(in: 0..<items, using: &chance)
      for step in 0..<perUser {
        // Everybody is at the same step at about the same time, so that a moment parts everybody's history.
        steps.append(Step(user: user, item: item, seconds: Int64(step) * 86_400 + Int64(user)))
        let follows = Int.random(in: 0..<10, using: &chance) < 7
        item = follows ? (item * 7 + 3) % items : Int.random(in: 0..<items, using: &chance)
      }
    }
    return steps.sorted { ($0.seconds, $0.user) < ($1.seconds, $1.user) }
  }

  static func event(_ step: Step, number: Int) throws -> Event {
    Event(
      id: try EventIdentifier("e\(number)"), type: .view, user: try UserIdentifier("u\(step.user)"),
      item: try ItemIdentifier("i\(step.item)"),
      time: Timestamp(microseconds: (origin + step.seconds) * 1_000_000))
  }

  static func interactions(_ steps: [Step]) throws -> Interactions {
    var builder = InteractionsBuilder(weights: .standard)
    for (number, step) in steps.enumerated() {
      let event = try event(step, number: number)
      builder.add(
        user: event.user, item: try ItemIdentifier("i\(step.item)"), time: event.time, type: event.type,
        session: 0)
    }
    return builder.finish(shards: 2)
  }

  static var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.factors = 8
    settings.iterations = 4
    settings.neighbours = 20
    settings.shards = 2
    settings.holdOutShare = 0.1
    settings.blendRounds = 40
    return settings
  }

  /// Writes a log of the steps, trains on it, and gives the generation to `body`.
  static func train(
    _ steps: [Step], learner: TreeLearner?, _ change: (inout TrainingSettings) -> Void = { _ in },
    _ body: (Generation) throws -> Void
  ) throws {
    let path = NSTemporaryDirectory() + "magpie-boosting-" + UUID().uuidString
    try DataDirectory.initialize(at: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try DataDirectory.open(at: path)
    let log = try EventLog.open(directory)
    var entries = try steps.enumerated().map {
      LogEntry(tenant: .default, change: .event(try event($1, number: $0)))
    }[...]
    while !entries.isEmpty {
      _ = try log.append(
        Array(entries.prefix(1000)), ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
      entries = entries.dropFirst(1000)
    }
    try log.synchronize()
    log.close()
    directory.close()
    var settings = settings
    change(&settings)
    _ = try TrainingRun(
      settings: settings, tenant: .default, logPath: path + "/log",
      generationsPath: path + "/generations/default", number: GenerationNumber(1),
      through: Position(UInt64(steps.count)), learner: learner
    ).run()
    try body(try Generation.open(at: path + "/generations/default/000001", tenant: .default))
  }

  /// A lesson whose label follows from a few features, with noise.
  static func lesson(seed: UInt64, rows: Int = 3000) -> BlendLesson {
    var chance = SeededGenerator(seed: seed)
    var lesson = BlendLesson()
    lesson.seed = seed
    for row in 0..<rows {
      let features = (0..<BlendFeature.count).map { _ in Float.random(in: 0...1, using: &chance) }
      let margin = 4 * features[2] * features[7] - features[11] + Float.random(in: -0.5...0.5, using: &chance)
      let label: Float = margin > 0.8 ? 1 : 0
      if row % 5 == 0 {
        lesson.validation.features += features
        lesson.validation.labels.append(label)
        lesson.validation.positives += Int(label)
      } else {
        lesson.learning.features += features
        lesson.learning.labels.append(label)
        lesson.learning.positives += Int(label)
      }
    }
    return lesson
  }
}
