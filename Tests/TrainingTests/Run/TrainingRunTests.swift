import Foundation
import Models
import Storage
import Synchronization
import Testing
import Training
import Vocabulary

/// Whole runs on a log that Storage wrote, opened again by Models.
@Suite struct TrainingRunTests {
  /// A data directory with a log; removed at the end of `body`.
  private func withLog(
    _ changes: [LogEntry.Change], tenant: TenantName = .default,
    _ body: (_ path: String, _ last: Position) throws -> Void
  ) throws {
    let path = NSTemporaryDirectory() + "magpie-training-" + UUID().uuidString
    try DataDirectory.initialize(at: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try DataDirectory.open(at: path)
    let log = try EventLog.open(directory)
    var rest = changes.map { LogEntry(tenant: tenant, change: $0) }[...]
    while !rest.isEmpty {
      _ = try log.append(Array(rest.prefix(100)), ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
      rest = rest.dropFirst(100)
    }
    try log.synchronize()
    let last = Position(UInt64(changes.count))
    log.close()
    directory.close()
    try body(path, last)
  }

  private func changes(_ rows: [Row]) throws -> [LogEntry.Change] {
    try rows.enumerated().map { index, row in
      .event(
        Event(
          id: try EventIdentifier("e\(index)"), type: row.type, user: try UserIdentifier(row.user),
          item: try ItemIdentifier(row.item),
          time: Timestamp(microseconds: (Sample.origin + row.seconds) * 1_000_000)))
    }
  }

  private func run(
    _ path: String, _ last: Position, number: UInt64 = 1, tenant: TenantName = .default,
    _ change: (inout TrainingSettings) -> Void = { _ in },
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) -> TrainingRun {
    var settings = TrainingSettings()
    settings.factors = 8
    settings.iterations = 4
    settings.neighbours = 10
    settings.holdOutShare = 0.2
    change(&settings)
    return TrainingRun(
      settings: settings, tenant: tenant, logPath: path + "/log",
      generationsPath: path + "/generations/" + tenant.text, number: GenerationNumber(number),
      through: last, progress: progress)
  }

  @Test func makesAGenerationThatOpens() throws {
    var all = try changes(Sample.planted(seed: 131))
    all.append(.putItem(Item(id: try ItemIdentifier("never-touched"))))
    all.append(.deleteItem(try ItemIdentifier("i0")))
    try withLog(all) { path, last in
      let fractions = Log()
      let manifest = try run(path, last, progress: { fractions.add($0) }).run()
      let generation = try Generation.open(at: path + "/generations/default/000001", tenant: .default)
      #expect(generation.manifest == manifest)
      #expect(manifest.trainedTo == last.value)
      #expect(manifest.users == 80)
      let names = (0..<generation.itemCount).map { generation.identifier(of: $0).text }
      #expect(!names.contains("i0"))
      let untouched = try #require(names.firstIndex(of: "never-touched"))
      let factors = try #require(generation.factors)
      #expect(factors.row(untouched).allSatisfy { $0 == 0 })
      let transitions = try #require(generation.transitions)
      #expect(transitions.neighbours(of: untouched).rows.isEmpty)
      #expect(transitions.neighbours(of: untouched == 0 ? 1 : 0).rows.count == 10)
      #expect(generation.cooccurrence != nil)
      #expect(generation.popularity?.rows.contains(UInt32(untouched)) == false)
      #expect((factors.parameters["confidenceUnit"] ?? 0) == 1)
      let linear = try #require(generation.linear)
      #expect(linear.neighbours(of: untouched).rows.isEmpty && linear.parameters["kind"] != nil)
      #expect(generation.userNeighbours?.userCount == 80)
      #expect(manifest.chosen?["linear"] != nil && manifest.skipped?.isEmpty == true)
      #expect(Double(manifest.chosen?["unobserved-weight"] ?? "") == factors.unobservedWeight)
      for model in [
        "popularity", "transitions", "cooccurrence", "item-knn", "linear", "user-neighbours", "ials",
        "fusion",
      ] {
        let value = try #require(manifest.metrics[model]?["NDCG@10"])
        #expect(value >= 0 && value <= 1)
      }
      #expect((manifest.split?.testUsers ?? 0) > 40)
      #expect(manifest.split?.description.contains("Ties count against") == true)
      let seen = fractions.all
      #expect(seen.last?.fraction == 1)
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.fraction <= $1.fraction + 1e-9 })
      #expect(Set(seen.map(\.stage)) == Set(TrainingStage.allCases).subtracting([.tune]))
    }
  }

  private final class Log: Sendable {
    private let mutex = Mutex<[TrainingProgress]>([])
    func add(_ progress: TrainingProgress) { mutex.withLock { $0.append(progress) } }
    var all: [TrainingProgress] { mutex.withLock { $0 } }
  }

  @Test func theSameLogGivesTheSameBytes() throws {
    try withLog(try changes(Sample.random(seed: 132))) { path, last in
      let digests = try [(1, 1), (2, 1), (3, 3)].map { number, threads in
        try run(path, last, number: UInt64(number), { $0.threads = threads }).run().arrays.map(\.sha256)
      }
      #expect(digests[0] == digests[1])
      #expect(digests[0] == digests[2])
      let other = try run(path, last, number: 4, { $0.seed = 9 }).run().arrays.map(\.sha256)
      #expect(other != digests[0])
    }
  }

  /// Families that are off, or do not fit, are left out with a reason; the rest is made.
  @Test func leavesOutWhatIsOffOrDoesNotFit() throws {
    try withLog(try changes(Sample.random(seed: 136))) { path, last in
      let off = try run(path, last) {
        $0.linear = false
        $0.userNeighbours = false
      }.run()
      #expect(off.skipped == ["linear": "linear is off.", "user-neighbours": "user-neighbours is off."])
      #expect(off.metrics["linear"] == nil && off.metrics["user-neighbours"] == nil)
      #expect(off.metrics["fusion"] != nil)
      let generation = try Generation.open(at: path + "/generations/default/000001")
      #expect(generation.linear == nil && generation.userNeighbours == nil && generation.factors != nil)
    }
  }

  /// Repeats make next-basket metrics and fading entries of the user index.
  @Test func dataWithRepeatsIsAskedForTheNextBasket() throws {
    try withLog(try changes(Sample.random(seed: 137))) { path, last in
      let manifest = try run(path, last).run()
      for name in ["next-basket-repeats", "next-basket-user-neighbours", "next-basket-fusion"] {
        let value = try #require(manifest.metrics[name]?["Recall@10"])
        #expect(value > 0 && value <= 1)
      }
      #expect(manifest.split?.description.contains("next-basket") == true)
      let model = manifest.models.first { $0.name == "user-neighbours" }
      #expect(model?.parameters["halfLifeDays"] == FamilyPlan.repeatHalfLifeDays)
    }
    try withLog(try changes(Sample.planted(seed: 138, perUser: 4).filter { $0.seconds % 7 != 9 })) {
      path, last in
      let manifest = try run(path, last) { $0.holdOutShare = 0.3 }.run()
      let hasRepeats =
        manifest.models.first { $0.name == "user-neighbours" }?.parameters["halfLifeDays"] != nil
      #expect((manifest.metrics["next-basket-fusion"] != nil) == hasRepeats)
    }
  }

  /// As many dimensions as the literature uses, on a catalogue smaller than that.
  @Test func fiveHundredAndTwelveDimensions() throws {
    try withLog(try changes(Sample.planted(seed: 139))) { path, last in
      let manifest = try run(path, last) {
        $0.factors = 512
        $0.iterations = 2
      }.run()
      let generation = try Generation.open(at: path + "/generations/default/000001")
      let factors = try #require(generation.factors)
      #expect(factors.dimensions == 512)
      #expect(factors.rows.contains { $0 != 0 } && factors.rows.allSatisfy(\.isFinite))
      let popularity = try #require(manifest.metrics["popularity"]?["Recall@10"])
      #expect(try #require(manifest.metrics["ials"]?["Recall@10"]) > popularity)
      let scratch = FoldInScratch(dimensions: 512)
      let isSolved = [UInt32(0), 2].withUnsafeBufferPointer { rows in
        [Float(1), 1].withUnsafeBufferPointer { confidences in
          factors.foldIn(rows: rows, confidences: confidences, into: scratch)
        }
      }
      #expect(isSolved && scratch.vector.allSatisfy(\.isFinite))
    }
  }

  /// Half of a confidence is left after its half-life: the model says so, and is another one.
  @Test func confidencesFadeWhereTold() throws {
    try withLog(try changes(Sample.random(seed: 140))) { path, last in
      let plain = try run(path, last).run()
      let faded = try run(path, last, number: 2) { $0.confidenceHalfLifeDays = 2 }.run()
      func ials(_ manifest: Manifest) -> (digest: String?, halfLife: Double?) {
        (
          manifest.arrays.first { $0.name == "ials.items" }?.sha256,
          manifest.models.first { $0.name == "ials" }?.parameters["confidenceHalfLifeDays"]
        )
      }
      #expect(ials(plain).halfLife == nil && ials(faded).halfLife == 2)
      #expect(ials(plain).digest != ials(faded).digest)
    }
  }

  /// Segments and ratings, from profiles, catalogue and rate events of the log to a generation that opens.
  @Test func learnsSegmentsAndRatings() throws {
    var all: [LogEntry.Change] = []
    var chance = SeededGenerator(seed: 136)
    for user in 0..<60 {
      var profile = UserProfile(id: try UserIdentifier("u\(user)"))
      profile.attributes["country"] = .text(user % 3 == 0 ? "France" : "Spain")
      all.append(.putUser(profile))
    }
    for item in 0..<30 {
      var entry = Item(id: try ItemIdentifier("i\(item)"))
      entry.categories = [item % 2 == 0 ? "even" : "odd"]
      all.append(.putItem(entry))
    }
    for event in 0..<2400 {
      let (user, item) = (Int.random(in: 0..<60, using: &chance), Int.random(in: 0..<30, using: &chance))
      all.append(
        .event(
          Event(
            id: try EventIdentifier("r\(event)"), type: .rate, user: try UserIdentifier("u\(user)"),
            item: try ItemIdentifier("i\(item)"),
            time: Timestamp(microseconds: (Sample.origin + Int64(event) * 600) * 1_000_000),
            value: Float(1 + item % 4 + user % 2))))
    }
    try withLog(all) { path, last in
      let manifests = try [(1, 1), (2, 3)].map { number, threads in
        try run(path, last, number: UInt64(number), { $0.threads = threads }).run()
      }
      #expect(manifests[0].arrays.map(\.sha256) == manifests[1].arrays.map(\.sha256))
      let generation = try Generation.open(at: path + "/generations/default/000001", tenant: .default)
      let segments = try #require(generation.segments)
      #expect(
        ["even", "odd", "France", "Spain"] == (0..<segments.count).map { segments.value(of: $0) })
      #expect(segments.list(of: 0).rows.count == 15)
      #expect(generation.ratings != nil)
      #expect(generation.ratings?.range == 1...5)
      let metrics = manifests[0].metrics
      #expect((metrics["segment-popularity"]?["NDCG@10"] ?? -1) >= 0)
      let errors = ["rating-mean", "rating-bias", "rating-factors"].map { metrics[$0]?["RMSE"] ?? 0 }
      #expect(errors[0] > errors[1] + 0.3, "\(errors): items and users differ")
      let served = try #require(manifests[0].ratings?.served)
      #expect(served == (errors[2] < errors[1] ? "rating-factors" : "rating-bias"))
      #expect(generation.manifest.ratings == manifests[0].ratings)
      let none = try run(path, last, number: 3, { $0.segmentAttributes = [] }).run()
      #expect(none.settings["segment-attributes"]?.isEmpty == true)
      let other = try Generation.open(at: path + "/generations/default/000003")
      #expect(other.segments?.attributes.isEmpty == true, "categories remain")
      let unweighted = try run(
        path, last, number: 4,
        {
          $0.weights[.rate] = 1; $0.holdOutShare = 0
        }
      ).run()
      #expect(unweighted.ratings?.served == "rating-bias", "nothing was held out")
      let bad = #expect(throws: TrainingFault.self) {
        try run(path, last, number: 5, { $0.segmentAttributes = ["a,b"] }).run()
      }
      #expect(bad?.reason == .settingInvalid)
    }
  }

  @Test func readsOnlyItsTenantAndNothingBehindThrough() throws {
    try withLog(try changes(Sample.random(seed: 133)), tenant: try TenantName("other")) { path, last in
      #expect(throws: TrainingFault.self) { try run(path, last).run() }
      let manifest = try run(path, Position(300), tenant: try TenantName("other")).run()
      #expect(manifest.events <= 300)
      #expect(manifest.trainedTo == 300)
    }
  }

  @Test func saysWhyThereIsNoGeneration() throws {
    func fault(_ body: () throws -> Manifest) -> TrainingFault? {
      do { _ = try body(); return nil } catch { return error as? TrainingFault }
    }
    try withLog([.putItem(Item(id: try ItemIdentifier("a")))]) { path, last in
      let none = fault { try run(path, last).run() }
      #expect(none?.reason == .noTrainingData)
      #expect(none?.exitCode == 66)
      #expect(fault { try run(path, .zero).run() }?.reason == .noTrainingData)
    }
    try withLog(try changes(Sample.random(seed: 134))) { path, last in
      let memory = fault { try run(path, last, { $0.memoryLimitBytes = 1 << 20 }).run() }
      #expect(memory?.reason == .memoryLimit)
      #expect(memory?.message.contains("1048576") == true)
      let setting = fault { try run(path, last, { $0.factors = 0 }).run() }
      #expect(setting?.reason == .settingInvalid)
      #expect(setting?.message.contains("factors") == true)
      #expect(fault { try run(path, Position(last.value + 1)).run() }?.reason == .logUnreadable)
      #expect(fault { try run(path + "/absent", last).run() }?.exitCode == 78)
      _ = try run(path, last).run()
      #expect(fault { try run(path, last).run() }?.reason == .generationUnwritable)
    }
  }

  @Test func sweepsWhatAKilledRunLeftAndRefusesASecondTrainer() throws {
    try withLog(try changes(Sample.random(seed: 135))) { path, last in
      let shelf = path + "/generations/default"
      let left = shelf + "/000001.partial"
      try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: left + "/ials.items.array"))
      _ = try run(path, last, number: 2).run()
      #expect(!FileManager.default.fileExists(atPath: left))

      let file = open(shelf + "/training.lock", O_RDWR)
      defer { close(file) }
      try #require(flock(file, LOCK_EX | LOCK_NB) == 0)
      do {
        _ = try run(path, last, number: 3).run()
        Issue.record("A second trainer ran.")
      } catch let fault as TrainingFault {
        #expect(fault.reason == .trainingBusy)
        #expect(fault.exitCode == 75)
      }
    }
  }

  @Test func eventsOfOneMomentTrainWithoutMetrics() throws {
    let rows = (0..<60).map { Row(user: "u\($0 % 7)", item: "i\($0 % 11)", seconds: 5) }
    try withLog(try changes(rows)) { path, last in
      let manifest = try run(path, last).run()
      #expect(manifest.metrics.isEmpty)
      #expect(manifest.split == nil)
      _ = try Generation.open(at: path + "/generations/default/000001")
    }
  }
}
