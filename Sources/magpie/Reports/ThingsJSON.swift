import Importing
import MagpieClient

/// An attribute's value as JSON has it.
enum AttributeJSON: Encodable {
  case text(String)
  case number(Double)
  case flag(Bool)
  case texts([String])

  init(_ value: AttributeValue) {
    self =
      switch value {
      case .text(let text): .text(text)
      case .number(let number): .number(number)
      case .flag(let flag): .flag(flag)
      case .texts(let texts): .texts(texts)
      }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .texts(let texts): try container.encode(texts)
    }
  }

  /// For people.
  static func words(_ value: AttributeValue) -> String {
    switch value {
    case .text(let text): text
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "yes" : "no"
    case .texts(let texts): texts.joined(separator: ", ")
    }
  }
}

/// An item as `--json` prints it.
struct ItemJSON: Encodable {
  struct Place: Encodable {
    var latitude: Double
    var longitude: Double
  }
  struct Entry: Encodable {
    var title: String
    var text: String
    var categories: [String]
    @OrNull var price: Double? = nil
    var currency: String
    @OrNull var stock: Double? = nil
    var hidden: Bool
    @OrNull var created: String? = nil
    @OrNull var available_from: String? = nil
    @OrNull var available_until: String? = nil
    @OrNull var location: Place? = nil
    @OrNull var owner: String? = nil
    var attributes: [String: AttributeJSON]
    var vectors: [String: Int]
    var members: [String]
  }

  var id: String
  /// Null if no catalogue entry exists.
  @OrNull var item: Entry? = nil
  var deleted: Bool
  var events: UInt64

  init(_ report: ItemReport) {
    id = report.id
    deleted = report.isDeleted
    events = report.events
    item = report.item.map { item in
      Entry(
        title: item.title, text: item.text, categories: item.categories, price: item.price,
        currency: item.currency, stock: item.stock, hidden: item.isHidden,
        created: moment(item.createdMicroseconds), available_from: moment(item.availableFromMicroseconds),
        available_until: moment(item.availableUntilMicroseconds),
        location: item.location.map { Place(latitude: $0.latitude, longitude: $0.longitude) },
        owner: item.owner,
        attributes: item.attributes.mapValues { AttributeJSON($0) },
        vectors: Dictionary(
          item.vectors.map { ($0.name, $0.values.count) }, uniquingKeysWith: { first, _ in first }),
        members: item.members)
    }
  }
}

/// A user as `--json` prints it.
struct UserJSON: Encodable {
  struct Deed: Encodable {
    var type: String
    var item: String
    var title: String
    @OrNull var time: String? = nil
    var value: Float
  }

  var id: String
  var attributes: [String: AttributeJSON]
  /// Distinct items remembered.
  var items: UInt64
  /// Newest first.
  var history: [Deed]

  init(_ report: UserReport, limit: Int) {
    id = report.profile.id
    attributes = report.profile.attributes.mapValues { AttributeJSON($0) }
    items = report.items
    history = report.history.prefix(limit).map {
      Deed(
        type: $0.type.rawValue, item: $0.item, title: $0.title, time: moment($0.timeMicroseconds),
        value: $0.value.finite)
    }
  }
}

/// A generation as `--json` prints it.
struct GenerationJSON: Encodable {
  var number: UInt64
  var serving: Bool
  @OrNull var created: String? = nil
  var trained_to: UInt64
  var users: UInt64
  var items: UInt64
  var events: UInt64
  var bytes: UInt64
  var training_seconds: Float
  /// Model, then metric, then value.
  var metrics: [String: [String: Double]]
  /// Null if it can be served.
  @OrNull var problem: String? = nil
  /// Null without a search.
  @OrNull var tuning: TuningJSON? = nil
  /// `blend` or `fusion`, null if its trainer did not say.
  @OrNull var ranking: String? = nil
  @OrNull var ranking_reason: String? = nil
  /// Null if its trainer asked no gate.
  @OrNull var gate: GateJSON? = nil
  var settings: [String: String]

  init(_ summary: GenerationSummary) {
    number = summary.number
    serving = summary.isServing
    created = moment(summary.createdMicroseconds)
    trained_to = summary.trainedTo
    users = summary.users
    items = summary.items
    events = summary.events
    bytes = summary.bytes
    training_seconds = summary.trainingSeconds.finite
    problem = summary.problem.isEmpty ? nil : summary.problem
    tuning = summary.tuning.map { TuningJSON($0) }
    ranking = summary.ranking.isEmpty ? nil : summary.ranking
    ranking_reason = summary.rankingReason.isEmpty ? nil : summary.rankingReason
    gate = summary.gate.map { GateJSON($0) }
    settings = summary.settings
    metrics = [:]
    for row in summary.metrics {
      for metric in row.metrics where metric.value.isFinite {
        metrics[row.model, default: [:]][metric.name] = metric.value
      }
    }
  }
}

/// What became of a few things, as `--json` prints it.
struct ReceiptJSON: Encodable {
  struct Entry: Encodable {
    var id: String
    /// `accepted`, `duplicate` or `rejected`.
    var verdict: String
    @OrNull var position: UInt64? = nil
    @OrNull var reason: String? = nil
    @OrNull var message: String? = nil
  }

  var verdicts: [Entry]
  var durability: String
  var position: UInt64

  init(_ receipt: Receipt, ids: [String]) {
    durability = receipt.durability.rawValue
    position = receipt.position
    verdicts = zip(ids, receipt.verdicts).map { id, verdict in
      switch verdict {
      case .accepted(let position): Entry(id: id, verdict: "accepted", position: position)
      case .duplicate(let position): Entry(id: id, verdict: "duplicate", position: position)
      case .rejected(let error):
        Entry(id: id, verdict: "rejected", reason: error.reason, message: error.message)
      }
    }
  }
}
