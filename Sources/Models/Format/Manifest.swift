import Vocabulary

/// What a generation is: `manifest.json`. Field names are the JSON keys; docs/generations.md has the table.
package struct Manifest: Codable, Sendable, Hashable {
  /// Version of the directory layout, the manifest and the array files.
  package static let formatVersionCurrent = 1

  package var formatVersion = Manifest.formatVersionCurrent
  /// The generation's number within its tenant, from 1; the directory has the same name.
  package var number: UInt64
  package var tenant: String
  /// When training ended, microseconds since 1970.
  package var created: Int64
  /// The last log position whose event was read.
  package var trainedTo: UInt64
  package var users: UInt64
  /// Rows in the item table; every per-item array has as many.
  package var items: UInt64
  /// Events that were learned from.
  package var events: UInt64
  package var trainingSeconds: Double
  /// Name and version of the program that made it.
  package var program = ""
  /// The trainer's settings as text, one entry for each flag, without the dashes.
  package var settings: [String: String] = [:]
  /// How the hold-out for `metrics` was made.
  package var split: Split?
  /// Metrics on the hold-out: model, then metric such as `NDCG@20`, then value.
  package var metrics: [String: [String: Double]] = [:]
  /// How candidates of several sources are put in one order, and why so; nil in generations of older trainers.
  package var ranking: Ranking?
  /// What the scores of a blend mean as probabilities; nil where fusion serves, or the hold-out was too small.
  package var calibration: Calibration?
  /// What a search for settings found, if its findings bear on this generation.
  package var tuning: Tuning?
  /// What the trainer chose where a setting said `auto`: flag name to text; nil in generations of older trainers.
  package var chosen: [String: String]?
  /// Models that were not made: name to reason in words; nil in generations of older trainers.
  package var skipped: [String: String]?
  /// Which model predicts ratings, and why so or why none; nil in generations of older trainers.
  package var ratings: Ranking?
  /// Whether it earned its place; nil in generations of older trainers, which nobody refused.
  package var gate: Gate?
  /// The models, each made of arrays. Filled by `GenerationWriter`.
  package var models: [ModelInfo] = []
  /// The files. Filled by `GenerationWriter`.
  package var arrays: [ArrayInfo] = []

  package init(
    number: GenerationNumber, tenant: TenantName, created: Timestamp, trainedTo: Position, users: UInt64,
    items: UInt64, events: UInt64, trainingSeconds: Double
  ) {
    self.number = number.value
    self.tenant = tenant.text
    self.created = created.microseconds
    self.trainedTo = trainedTo.value
    self.users = users
    self.items = items
    self.events = events
    self.trainingSeconds = trainingSeconds
  }

  /// One array file.
  package struct ArrayInfo: Codable, Sendable, Hashable {
    /// `model.role`, such as `transitions.rows`.
    package var name: String
    /// File name within the directory.
    package var file: String
    package var type: ElementType
    /// Elements in each dimension, outermost first; 1 to 3 of them.
    package var shape: [UInt64]
    /// Size of the whole file.
    package var bytes: UInt64
    /// Of the whole file, lower-case hex.
    package var sha256: String
  }

  /// One model: a family that says how to read the arrays, and the arrays.
  package struct ModelInfo: Codable, Sendable, Hashable {
    /// Unique within the generation, such as `transitions`; also the key in `metrics`.
    package var name: String
    /// `items`, `popularity`, `segments`, `neighbours`, `factors`, `blend` or `ratings`. A reader checks the files of a family it does not know
    /// and otherwise leaves them alone.
    package var family: String
    /// Role, such as `rows`, to array name.
    package var arrays: [String: String]
    /// Numbers the model is read with.
    package var parameters: [String: Double]

    package init(name: String, family: String, arrays: [String: String], parameters: [String: Double]) {
      self.name = name
      self.family = family
      self.arrays = arrays
      self.parameters = parameters
    }
  }

  /// Which of several contenders serves: what orders candidates, or what predicts ratings.
  package struct Ranking: Codable, Sendable, Hashable {
    /// `blend` or `fusion`; of ratings `rating-factors`, `rating-bias` or `none`.
    package var served: String
    /// For people: by how much it won, or why there is nothing else.
    package var reason: String

    package init(served: String, reason: String) {
      self.served = served
      self.reason = reason
    }
  }

  /// A temporal hold-out: learn from what came before a moment, test on what came after.
  package struct Split: Codable, Sendable, Hashable {
    /// For people: the rule, the seen filter and the tie rule.
    package var description: String
    /// First moment that is held out, microseconds since 1970.
    package var boundary: Int64
    package var trainEvents: UInt64
    package var testEvents: UInt64
    /// Users that were tested.
    package var testUsers: UInt64

    package init(
      description: String, boundary: Timestamp, trainEvents: UInt64, testEvents: UInt64, testUsers: UInt64
    ) {
      self.description = description
      self.boundary = boundary.microseconds
      self.trainEvents = trainEvents
      self.testEvents = testEvents
      self.testUsers = testUsers
    }
  }

  /// Whether the gate keeps it from serving, unless someone insists.
  package var isRefused: Bool { gate?.isRefused ?? false }
  package var generation: GenerationNumber { GenerationNumber(number) }
  package var position: Position { Position(trainedTo) }
  /// Bytes of all array files.
  package var bytes: UInt64 { arrays.reduce(0) { $0 &+ $1.bytes } }
}

/// The type of an array's elements. Raw values are stored: never reuse one.
package enum ElementType: String, Codable, Sendable, Hashable, CaseIterable {
  case u8, u32, u64, f32

  /// Bytes of one element.
  package var width: Int {
    switch self {
    case .u8: 1
    case .u32, .f32: 4
    case .u64: 8
    }
  }
}

/// The names under which this version stores and finds its models.
package enum ModelName {
  package static let items = "items"
  package static let popularity = "popularity"
  package static let transitions = "transitions"
  package static let cooccurrence = "cooccurrence"
  /// Decayed item-kNN with shrinkage: the baseline of every hold-out.
  package static let itemNeighbours = "item-knn"
  /// A linear item model; of family `neighbours`.
  package static let linear = "linear"
  package static let userNeighbours = "user-neighbours"
  package static let ials = "ials"
  package static let blend = "blend"
  package static let segmentPopularity = "segment-popularity"
  package static let ratings = "ratings"
  /// What items say of themselves, and what that predicts of their factors.
  package static let content = "content"
  /// Contenders for `ratings`: they have metrics, but no arrays of their own.
  package static let ratingMean = "rating-mean"
  package static let ratingBias = "rating-bias"
  package static let ratingFactors = "rating-factors"
  /// Reciprocal-rank fusion: has metrics, but no arrays.
  package static let fusion = "fusion"

  /// What has metrics on the question what is in the next basket, what the user had before included.
  package static func nextBasket(_ name: String) -> String { "next-basket-" + name }
}
