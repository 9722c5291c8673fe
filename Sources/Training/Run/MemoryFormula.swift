import Models
import Vocabulary

/// How much memory a training run needs, stated before it is taken. docs/training.md explains each term.
///
/// Upper bounds within reason: the allocator's slack is covered by `overhead`.
package enum MemoryFormula {
  /// The program, its libraries with their buffers, the thread stacks in use.
  package static let overhead: UInt64 = 192 << 20

  /// Bytes of one identifier outside its own bytes: array header, references in table and list, hash slot.
  static let bytesPerIdentifier: UInt64 = 112

  /// Peak while the log is read and laid out: the columns as read (arrays grow by doubling, so twice their
  /// size at worst), the order, and the columns as laid out.
  package static func reading(
    events: Int, users: Int, items: Int, identifierBytes: Int, segmentBytes: UInt64 = 0
  ) -> UInt64 {
    let (events, users, items) = (UInt64(events), UInt64(users), UInt64(items))
    let asRead = 2 * 25 * events
    let order = 8 * events
    let laidOut = UInt64(Interactions.bytesPerEvent) * events
    let identifiers = (users + items) * bytesPerIdentifier + 2 * UInt64(identifierBytes)
    return overhead + asRead + order + laidOut + identifiers + 32 * users + segmentBytes + 4 * (users + items)
  }

  /// One thing that memory goes to.
  package struct Term: Sendable, Hashable {
    /// For people.
    package let name: String
    package let bytes: UInt64
    /// The setting that makes it smaller, or nil if only less data does.
    package let advice: String?
  }

  /// Peak of the steps after reading, without the families that are left out if they do not fit: `FamilyPlan` adds
  /// theirs. The sum of `terms`.
  package static func training(
    events: Int, users: Int, items: Int, identifierBytes: Int, ratings: Int = 0, memberships: Int = 0,
    dimensions: Int, settings: TrainingSettings
  ) -> UInt64 {
    terms(
      events: events, users: users, items: items, identifierBytes: identifierBytes,
      dimensions: dimensions, ratings: ratings, memberships: memberships, settings: settings
    ).reduce(0) { $0 + $1.bytes }
  }

  /// What a run takes after reading, upper bounds. The steps run one after the other and free what they took; the
  /// hold-out doubles the events while it is used.
  package static func terms(
    events: Int, users: Int, items: Int, identifierBytes: Int, dimensions: Int, ratings: Int = 0,
    memberships: Int = 0, settings: TrainingSettings
  ) -> [Term] {
    let (e, u, n) = (UInt64(events), UInt64(users), UInt64(items))
    let d = UInt64(dimensions)
    let width = UInt64(
      max(settings.neighbours, settings.transitionNeighbours, settings.cooccurrenceNeighbours))
    let (shards, threads) = (UInt64(settings.shards), UInt64(settings.threads))
    let columns = 2 * UInt64(Interactions.bytesPerEvent) * e + 16 * u
    let identifiers = (u + n) * bytesPerIdentifier + UInt64(identifierBytes)
    // Weights and confidences, and their transpose.
    let pairs = 2 * 2 * 8 * e + 16 * (u + n)
    // The table with one row's width for every item and its compact copy, sums, accumulators; two tables are
    // kept at the end of evaluation, and two more made.
    let table = 8 * width * n
    let neighbours = 6 * table + 9 * n * threads + 2 * 20 * e
    // Item-kNN's own: faded confidences, times, the transpose.
    let itemNeighbours = (4 + 8 + 8) * e + 12 * u + 40 * n + threads * (13 * n + 16 * width)
    // Both sides, gram pieces, solvers, rotation.
    let factors =
      4 * d * (u + n) + 64 * 4 * d * d + 3 * 8 * d * d
      + threads * (RowSolver.bytes(dimensions: dimensions) + 4 * 512 * d)
    // A batch of score rows for each thread and the per-user metrics.
    let evaluation =
      4 * n * UInt64(Evaluator.batchQueries) * threads + 8 * UInt64(Evaluator.metricsPerUser) * u + 12 * e
    return [
      Term(name: "the program itself", bytes: overhead, advice: nil),
      Term(name: "events", bytes: columns, advice: nil),
      Term(name: "identifiers", bytes: identifiers, advice: nil),
      Term(name: "pairs", bytes: pairs, advice: nil),
      Term(name: "neighbours", bytes: neighbours + itemNeighbours, advice: "neighbours"),
      Term(name: "sums over shards", bytes: 16 * n * shards, advice: "shards"),
      Term(name: "factors", bytes: factors, advice: "factors"),
      Term(name: "evaluation", bytes: evaluation, advice: "threads"),
      Term(
        name: "ratings",
        bytes: RatingTables.bytes(ratings: ratings, users: users, items: items, threads: settings.threads),
        advice: nil),
      Term(
        name: "segments",
        bytes: memberships > 0
          ? SegmentTrainer.bytes(items: items, memberships: memberships, threads: settings.threads) : 0,
        advice: "segment-attributes"),
      blend(events: e, users: u, items: n, settings: settings),
      gate(events: e, items: n, dimensions: d, width: width, settings: settings),
    ]
  }

  /// The serving generation's models, copied, with its identifiers by row, and one more copy of the events while the gate
  /// trains up to its moment. The serving generation is taken to have as many items.
  private static func gate(
    events: UInt64, items: UInt64, dimensions: UInt64, width: UInt64, settings: TrainingSettings
  ) -> Term {
    guard settings.gate != .off, settings.holdOutShare > 0 else {
      return Term(name: "the gate", bytes: 0, advice: nil)
    }
    let tables = 2 * 8 * width + 4 * dimensions
    let bytes =
      UInt64(Interactions.bytesPerEvent) * events + items * (tables + bytesPerIdentifier + 32)
      + 4 * UInt64(Evaluator.batchQueries) * items * UInt64(settings.threads)
    return Term(name: "the gate", bytes: bytes, advice: "gate (off)")
  }

  /// The blend's own hold-out inside the hold-out, and the rows it learns from: as drawn, as handed over, and as
  /// the library keeps them (12 bytes a value).
  private static func blend(events: UInt64, users: UInt64, items: UInt64, settings: TrainingSettings) -> Term
  {
    guard settings.blend, settings.holdOutShare > 0 else {
      return Term(name: "candidates", bytes: 20 * items * UInt64(settings.threads), advice: "threads")
    }
    let values =
      min(users, UInt64(BlendTeacher.queriesMax))
      * UInt64(BlendTeacher.positivesMax + BlendTeacher.negativesMax) * UInt64(BlendFeature.count)
    let bytes =
      (UInt64(Interactions.bytesPerEvent) + 12) * events + 20 * items * UInt64(settings.threads) + 20 * values
    return Term(name: "the blend", bytes: bytes, advice: "blend (off)")
  }
}
