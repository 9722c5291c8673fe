import Foundation
import LiveState
import Models
import Serving
import Testing
import Vocabulary

/// A tenant with a catalogue, users and, if wanted, a generation whose models are written out by hand.
final class World {
  /// Models by item name; what is not given is left out of the generation.
  struct Trained {
    var items: [String] = []
    /// Best first.
    var popularity: [(String, Float)] = []
    var transitions: [String: [(String, Float)]] = [:]
    var cooccurrence: [String: [(String, Float)]] = [:]
    /// Rows of the linear model; may be negative.
    var linear: [String: [(String, Float)]] = [:]
    /// What users of the index took, with what each says for it; every item weighs one in the likeness.
    var users: [(name: String, items: [(String, Float)])] = []
    var similarUsers = 200
    var factors: [String: [Float]] = [:]
    /// Days after which a confidence counts half, where confidences fade.
    var halfLifeDays: Double?
    var unobservedWeight = 0.1
    var regularisation = 0.01
    /// A learned blend, where wanted; every item then has the same popularity and age.
    var trees: TreeTable?
    /// What its scores mean as probabilities.
    var calibration: Manifest.Calibration?
    /// Lists by attribute and value, or by category where the attribute is empty.
    var segments: [(attribute: String, value: String, list: [(String, Float)])] = []
    /// Words of a content model: what each adds to a content vector, and the factors that text of it alone predicts.
    var words: [String: (vector: [Float], factors: [Float])] = [:]
    /// A model of ratings for these items.
    var ratings: RatingTable?
  }

  let tenant: LiveTenant
  var settings = ReadingSettings()
  var view: GenerationView?
  var now = Timestamp(microseconds: 1_700_000_000_000_000)
  let cancellation = Cancellation()
  let scratch = ReadScratch()
  private(set) var position: UInt64 = 0
  private var publishes: UInt64 = 0
  private let directory: String

  init() throws {
    tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    directory = FileManager.default.temporaryDirectory.path + "/magpie-serving-" + UUID().uuidString
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  // MARK: Changes, each published at once

  func apply(_ change: LogEntry.Change) {
    position += 1
    tenant.apply(change, at: Position(position), ingestTime: now)
  }

  /// Every publish is two seconds after the last, so that lists are always refreshed.
  func publish() {
    publishes += 1
    tenant.publish(through: Position(position), now: publishes * 2_000_000_000)
  }

  func put(_ names: String..., change: (inout Item) -> Void = { _ in }) throws {
    for name in names {
      var item = Item(id: try ItemIdentifier(name))
      item.title = "The " + name
      change(&item)
      apply(.putItem(item))
    }
    publish()
  }

  func delete(_ name: String) throws {
    apply(.deleteItem(try ItemIdentifier(name)))
    publish()
  }

  /// Events a minute apart, the last one at `now` less `ago` seconds.
  func event(_ user: String, _ type: EventType, _ names: String..., ago: Int64 = 0) throws {
    for (place, name) in names.enumerated() {
      let seconds = now.seconds - ago - 60 * Int64(names.count - 1 - place)
      let event = Event(
        id: try EventIdentifier("e\(position + 1)"), type: type, user: try UserIdentifier(user),
        item: try ItemIdentifier(name), time: Timestamp(microseconds: seconds * 1_000_000))
      apply(.event(event))
    }
    publish()
  }

  func index(_ name: String) throws -> ItemIndex { try #require(tenant.itemIndex(try ItemIdentifier(name))) }

  // MARK: Generation

  func train(_ trained: Trained, number: UInt64 = 1) throws {
    let rows = Dictionary(uniqueKeysWithValues: trained.items.enumerated().map { ($1, $0) })
    let writer = try GenerationWriter(in: directory + "/generations", number: GenerationNumber(number))
    try writer.addItems(try trained.items.map { try ItemIdentifier($0) })
    if !trained.popularity.isEmpty {
      try writer.addPopularity(
        rows: try trained.popularity.map { UInt32(try #require(rows[$0.0])) },
        scores: trained.popularity.map(\.1))
    }
    for (name, lists) in [
      (ModelName.transitions, trained.transitions), (ModelName.cooccurrence, trained.cooccurrence),
      (ModelName.linear, trained.linear),
    ] where !lists.isEmpty {
      var offsets: [UInt64] = [0]
      var neighbours: [UInt32] = []
      var scores: [Float] = []
      for item in trained.items {
        for (neighbour, score) in lists[item] ?? [] {
          neighbours.append(UInt32(try #require(rows[neighbour])))
          scores.append(score)
        }
        offsets.append(UInt64(neighbours.count))
      }
      try writer.addNeighbours(name, offsets: offsets, rows: neighbours, scores: scores)
    }
    if !trained.users.isEmpty {
      try HandIndex(trained.users, rows: rows, neighbours: trained.similarUsers).write(writer)
    }
    if let dimensions = trained.factors.values.first?.count {
      let table = trained.items.flatMap { trained.factors[$0] ?? [Float](repeating: 0, count: dimensions) }
      try table.withUnsafeBufferPointer { table in
        try writer.addFactors(
          ModelName.ials, rows: table, dimensions: dimensions, regularisation: trained.regularisation,
          unobservedWeight: trained.unobservedWeight, regularisationExponent: 1,
          parameters: ["confidenceUnit": 1].merging(
            trained.halfLifeDays.map { ["confidenceHalfLifeDays": $0] } ?? [:]
          ) { $1 })
      }
    }
    if !trained.segments.isEmpty {
      var table = SegmentTable()
      let named = trained.segments.map { (SegmentName(attribute: $0.attribute, value: $0.value), $0.list) }
      for (name, list) in named.sorted(by: { $0.0 < $1.0 }) {
        table.append(
          name, rows: try list.map { UInt32(try #require(rows[$0.0])) }, scores: list.map(\.1))
      }
      try writer.addSegments(table)
    }
    if !trained.words.isEmpty { try HandContent(trained.words, trained.items, self).write(writer) }
    if let ratings = trained.ratings { try writer.addRatings(ratings) }
    if let trees = trained.trees {
      let count = trained.items.count
      try writer.addBlend(
        trees,
        statistics: BlendStatistics(
          counts: [UInt32](repeating: 1, count: count), ageDays: [Double](repeating: 1, count: count)))
    }
    var manifest = Manifest(
      number: GenerationNumber(number), tenant: .default, created: now, trainedTo: Position(position),
      users: 1,
      items: UInt64(trained.items.count), events: 1, trainingSeconds: 0.1)
    manifest.calibration = trained.calibration
    _ = try writer.finish(manifest)
    view = GenerationView(try Generation.open(at: writer.path), tenant: tenant)
  }

  /// What each item adds to the content score of an item, after the same request.
  func contentParts(of name: String, for user: String) throws -> (items: [ItemIndex], parts: [Float])? {
    let context = context()
    var request = RecommendRequest()
    request.user = Array(user.utf8)
    request.k = 1
    _ = try ReadPath.recommend(request, context, scratch)
    return ContentSource.parts(of: try index(name), context, scratch)
  }

  // MARK: Requests

  func context(deadline: UInt64? = nil) -> ReadContext {
    ReadContext(
      tenant: tenant, view: view, settings: settings, configurationHash: 42, now: now,
      deadline: deadline ?? ContinuousNanoseconds.now + 60_000_000_000, cancellation: cancellation)
  }

  func recommend(_ user: String = "", _ change: (inout RecommendRequest) -> Void = { _ in }) throws -> Slate {
    var request = RecommendRequest()
    request.user = Array(user.utf8)
    request.explain = .full
    change(&request)
    return try ReadPath.recommend(request, context(), scratch)
  }

  func similar(_ item: String, _ change: (inout SimilarRequest) -> Void = { _ in }) throws -> Slate {
    var request = SimilarRequest()
    request.item = Array(item.utf8)
    request.explain = .full
    change(&request)
    return try ReadPath.similar(request, context(), scratch)
  }

  func complete(_ basket: [String], _ change: (inout CompleteRequest) -> Void = { _ in }) throws -> Slate {
    var request = CompleteRequest()
    request.basket = basket.map { Array($0.utf8) }
    request.explain = .full
    change(&request)
    return try ReadPath.complete(request, context(), scratch)
  }

  func rank(_ user: String, _ items: [String], _ change: (inout RankRequest) -> Void = { _ in }) throws
    -> Slate
  {
    var request = RankRequest()
    request.user = Array(user.utf8)
    request.items = items.map { Array($0.utf8) }
    request.explain = .full
    change(&request)
    return try ReadPath.rank(request, context(), scratch)
  }

  /// What is known of a user besides behaviour.
  func put(user: String, _ attributes: [String: AttributeValue]) throws {
    var profile = UserProfile(id: try UserIdentifier(user))
    profile.attributes = attributes
    apply(.putUser(profile))
    publish()
  }

  /// Leaves only one source on.
  func only(_ sources: SourceKind...) {
    for source in SourceKind.allCases { settings.sourceWeights[source] = sources.contains(source) ? 1 : 0 }
  }
}

extension Slate {
  /// The items' names, in order.
  var names: [String] { items.map(\.item.text) }

  func item(_ name: String) throws -> SlateItem { try #require(items.first { $0.item.text == name }) }

  /// Without what the clock decides.
  var timeless: Slate {
    var slate = self
    slate.times = []
    return slate
  }
}

extension SlateItem {
  /// Sources and ranks, such as `ials 1`.
  var sourceRanks: [String] { sources.map { "\($0.source.name) \($0.rank)" } }

  /// Codes, segments and cited items, such as `buy_again a`.
  var reasons: [String] {
    explanations.map {
      ([$0.code.name] + ($0.segment.isEmpty ? [] : [$0.segment]) + $0.items.map(\.text))
        .joined(separator: " ")
    }
  }
}
