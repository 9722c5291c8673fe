import Foundation
import Models
import Storage
import Testing
import Training
import Vocabulary

/// Whole runs, one after the other, each held against the one that serves.
@Suite struct GateRunTests {
  /// A data directory to which events are added; removed at the end.
  private final class Place {
    let path = NSTemporaryDirectory() + "magpie-gate-" + UUID().uuidString
    private(set) var last = Position(0)
    private var number = 0

    init() throws { try DataDirectory.initialize(at: path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func append(_ rows: [Row]) throws {
      try append(
        changes: try rows.enumerated().map { offset, row in
          .event(
            Event(
              id: try EventIdentifier("e\(number + offset)"), type: row.type,
              user: try UserIdentifier(row.user), item: try ItemIdentifier(row.item),
              time: Timestamp(microseconds: (Sample.origin + row.seconds) * 1_000_000)))
        })
    }

    func append(changes: [LogEntry.Change]) throws {
      let directory = try DataDirectory.open(at: path)
      defer { directory.close() }
      let log = try EventLog.open(directory)
      defer { log.close() }
      var rest = changes.map { LogEntry(tenant: .default, change: $0) }[...]
      while !rest.isEmpty {
        _ = try log.append(
          Array(rest.prefix(100)), ingestTime: Timestamp(microseconds: 1_800_000_000_000_000))
        rest = rest.dropFirst(100)
      }
      try log.synchronize()
      number += changes.count
      last = Position(UInt64(number))
    }

    var shelf: GenerationShelf { GenerationShelf(path: path + "/generations/default") }

    /// Trains and, if it is not refused, promotes.
    @discardableResult
    func train(
      _ number: UInt64, serving: GenerationNumber? = nil,
      _ change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> Manifest {
      var settings = TrainingSettings()
      settings.factors = 8
      settings.iterations = 6
      settings.neighbours = 20
      settings.holdOutShare = 0.2
      settings.blend = false
      change(&settings)
      let manifest = try TrainingRun(
        settings: settings, tenant: .default, logPath: path + "/log",
        generationsPath: path + "/generations/default", number: GenerationNumber(number), through: last,
        serving: serving
      ).run()
      if !manifest.isRefused { try shelf.promote(GenerationNumber(number)) }
      return manifest
    }
  }

  /// Users who stay within their own quarter of the items, one event a day each: popularity is of little use.
  private func rows(days: Range<Int>, users: Int = 120, seed: UInt64 = 5) -> [Row] {
    var chance = SeededGenerator(seed: seed &+ UInt64(days.lowerBound))
    return days.flatMap { day in
      (0..<users).map { user in
        Row(
          user: "u\(user)", item: "i\(Int.random(in: 0..<25, using: &chance) * 4 + user % 4)",
          seconds: Int64(day) * 86_400 + Int64(user))
      }
    }
  }

  private func comparison(_ manifest: Manifest, _ name: String) throws -> Manifest.Gate.Comparison {
    try #require(manifest.gate?.comparisons.first { $0.against == name }, "\(manifest.gate as Any)")
  }

  @Test func theFirstGenerationIsHeldAgainstTheBaselines() throws {
    let place = try Place()
    try place.append(rows(days: 0..<10))
    let manifest = try place.train(1)
    let gate = try #require(manifest.gate)
    #expect(gate.passed && !manifest.isRefused)
    #expect(gate.mode == "on" && gate.metric == "NDCG@10" && gate.margin == 0.02 && gate.served == "fusion")
    #expect(gate.comparisons.map(\.against) == ["popularity", "item-knn"])
    let popularity = try comparison(manifest, "popularity")
    #expect(popularity.questions == manifest.split?.testUsers)
    #expect(abs(popularity.value - (manifest.metrics["fusion"]?["NDCG@10"] ?? -1)) < 1e-9)
    #expect(abs(popularity.other - (manifest.metrics["popularity"]?["NDCG@10"] ?? -1)) < 1e-9)
    #expect(popularity.difference > popularity.standardError, "groups tell more than what is popular")
    #expect(gate.reason.contains("against"))
    // What is written is what is read.
    #expect(try Generation.open(at: place.shelf.path(of: GenerationNumber(1))).manifest.gate == gate)
  }

  @Test func aServingOneThatSawNothingOfTheHoldOutIsAskedTheWholeHoldOut() throws {
    let place = try Place()
    try place.append(rows(days: 0..<10))
    try place.train(1)
    // As many again: the hold-out of a fifth begins behind all that generation 1 has seen.
    try place.append(rows(days: 10..<20))
    let manifest = try place.train(2)
    let serving = try comparison(manifest, "generation 1")
    #expect(serving.questions == manifest.split?.testUsers)
    #expect(serving.note.contains("seen nothing"))
    #expect(abs(serving.value - (manifest.metrics["fusion"]?["NDCG@10"] ?? -1)) < 1e-9)
    #expect(serving.holds)
  }

  /// Same settings, same past: the comparison must see no difference. If the serving one were asked about what it had
  /// learned from, it would be far ahead.
  @Test func aServingOneThatSawTheHoldOutIsAskedOnlyWhatIsNewer() throws {
    let place = try Place()
    try place.append(rows(days: 0..<20))
    try place.train(1)
    try place.append(rows(days: 20..<22))
    let manifest = try place.train(2)
    let serving = try comparison(manifest, "generation 1")
    #expect(serving.note.contains("newer than all it learned from"))
    #expect(serving.questions > 60 && serving.questions <= 120)
    #expect(abs(serving.difference) < 0.005, "\(serving)")
    #expect(serving.holds)
    #expect(manifest.gate?.passed == true)
  }

  @Test func fewNewEventsTrainNothingMoreAndAreSaid() throws {
    let place = try Place()
    try place.append(rows(days: 0..<20))
    try place.train(1)
    try place.append(Array(rows(days: 20..<21).prefix(30)))
    let manifest = try place.train(2)
    let serving = try comparison(manifest, "generation 1")
    #expect(serving.questions == 0 && !serving.decides)
    #expect(serving.note.contains("50 are needed"), "\(serving.note)")
    #expect(try comparison(manifest, "popularity").decides)
    #expect(manifest.gate?.passed == true)
    // Nothing new at all.
    let again = try comparison(try place.train(3), "generation 2")
    #expect(again.questions == 0)
    #expect(again.note.contains("No event is newer") || again.note.contains("50 are needed"), "\(again.note)")
  }

  /// Neighbours of one item and a single dimension know the groups far less well.
  @Test func aWorseRecipeIsRefusedAndTheOldOneIsTheNextOpponentToo() throws {
    let place = try Place()
    try place.append(rows(days: 0..<10))
    try place.train(1)
    try place.append(rows(days: 10..<20))
    let poor: (inout TrainingSettings) -> Void = {
      ($0.factors, $0.iterations, $0.neighbours, $0.transitionWindow) = (1, 1, 1, 1)
      ($0.linear, $0.userNeighbours) = (false, false)
    }
    let refused = try place.train(2, poor)
    let serving = try comparison(refused, "generation 1")
    #expect(!serving.holds && serving.decides, "\(serving)")
    #expect(refused.gate?.passed == false && refused.isRefused)
    #expect(refused.gate?.reason.contains("generation 1") == true)
    #expect(try place.shelf.current() == GenerationNumber(1))
    // The same with `warn` and `off`.
    let warned = try place.train(3, serving: GenerationNumber(1)) {
      poor(&$0)
      $0.gate = .warn
    }
    #expect(warned.gate?.passed == false && !warned.isRefused)
    let off = try place.train(4, serving: GenerationNumber(1)) {
      poor(&$0)
      $0.gate = .off
    }
    #expect(off.gate?.passed == true && off.gate?.comparisons.isEmpty == true)
    #expect(off.gate?.reason == "The gate is off.")
    // A margin as wide as the value lets everything pass.
    let wide = try place.train(5, serving: GenerationNumber(1)) {
      poor(&$0)
      $0.gateMargin = 1
    }
    #expect(wide.gate?.passed == true)
    // And a good recipe passes where the poor one was refused.
    let good = try place.train(6, serving: GenerationNumber(1))
    #expect(good.gate?.passed == true, "\(good.gate as Any)")
  }

  @Test func whatServesButCannotBeOpenedIsSaidAndDecidesNothing() throws {
    let place = try Place()
    try place.append(rows(days: 0..<10))
    try place.train(1)
    let file = place.shelf.path(of: GenerationNumber(1)) + "/popularity.scores.array"
    try FileManager.default.removeItem(atPath: file)
    let manifest = try place.train(2)
    let serving = try comparison(manifest, "generation 1")
    #expect(!serving.decides && serving.note.contains("cannot be opened"))
    #expect(manifest.gate?.passed == true)
    // Nothing serves: no such comparison.
    #expect(try place.train(3, serving: GenerationNumber.none).gate?.comparisons.count == 2)
  }

  @Test func withoutAHoldOutItPassesAndSaysSo() throws {
    let place = try Place()
    try place.append((0..<60).map { Row(user: "u\($0 % 7)", item: "i\($0 % 11)", seconds: 5) })
    let manifest = try place.train(1)
    #expect(manifest.gate?.passed == true && manifest.gate?.comparisons.isEmpty == true)
    #expect(manifest.gate?.reason.contains("held out") == true)
    let small = try Place()
    try small.append(rows(days: 0..<10, users: 8))
    let few = try small.train(1)
    #expect(few.gate?.passed == true)
    #expect(
      few.gate?.comparisons.allSatisfy { !$0.decides && $0.note.contains("users could be asked") } == true)
  }

  /// Items that only one of the two knows, and rows in another order: scores must find their way.
  @Test func rowsAreTranslatedByIdentifier() throws {
    let place = try Place()
    try place.append(rows(days: 0..<20))
    try place.train(1)
    // Without the first item all others move up one row, and five new ones follow, which only the new one knows.
    let first = try Generation.open(at: place.shelf.path(of: GenerationNumber(1))).identifier(of: 0)
    try place.append(changes: [.deleteItem(first)])
    try place.append((0..<40).map { Row(user: "x\($0 % 10)", item: "early\($0 % 5)", seconds: Int64($0)) })
    try place.append(rows(days: 20..<22))
    let manifest = try place.train(2)
    let serving = try comparison(manifest, "generation 1")
    #expect(serving.questions > 60)
    // Rows taken for each other would leave it no better than chance.
    #expect(serving.other > 0.1 && abs(serving.difference) < 0.3 * serving.other, "\(serving)")
  }
}
