import Foundation
import Models
import Synchronization
import Testing
import Training
import Vocabulary

/// Searches for settings within whole runs.
@Suite struct TuningRunTests {
  private final class Log<Value: Sendable>: Sendable {
    private let mutex = Mutex<[Value]>([])
    func add(_ value: Value) { mutex.withLock { $0.append(value) } }
    var all: [Value] { mutex.withLock { $0 } }
  }

  /// All settings given but those named, so that a search is over in a moment.
  private func settings(free: Set<TunableSetting>) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.factors = 8
    settings.iterations = 4
    settings.neighbours = 10
    settings.holdOutShare = 0.2
    settings.blend = false
    settings.linear = false
    settings.userNeighbours = false
    settings.gate = .off
    settings.given = Set(TunableSetting.allCases).subtracting(free)
    return settings
  }

  private let ialsAndPopularity: Set<TunableSetting> = [
    .popularityWindow, .popularityHalfLife, .unobservedWeight, .regularisation,
  ]

  private func run(
    _ path: String, _ last: Position, number: UInt64, _ settings: TrainingSettings,
    tuning: TuningOrder? = TuningOrder(seconds: 3600), usesTuned: Bool = true, learner: TreeLearner? = nil,
    notes: Log<String> = Log(), progress: Log<TrainingProgress> = Log()
  ) throws -> Manifest {
    try TrainingRun(
      settings: settings, tenant: .default, logPath: path + "/log",
      generationsPath: path + "/generations/default", number: GenerationNumber(number), through: last,
      tuning: tuning, usesTuned: usesTuned, learner: learner, notes: { notes.add($0) },
      progress: { progress.add($0) }
    ).run()
  }

  /// What must agree between two searches: everything but time and number.
  private func essence(_ manifest: Manifest) throws -> [Manifest.Tuning.Family] {
    try #require(manifest.tuning).families.map { family in
      var family = family
      family.seconds = 0
      return family
    }
  }

  private func files(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/generations/default")
  }

  private var rows: [Row] { Sample.planted(seed: 151, users: 120, items: 40, perUser: 14) }

  @Test func choosesByTheValidationPartAndSaysWhy() throws {
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      let progress = Log<TrainingProgress>()
      var wanted = settings(free: ialsAndPopularity)
      // So bad that a search must find better.
      wanted.unobservedWeight = 30
      let manifest = try run(path, last, number: 1, wanted, progress: progress)
      let tuning = try #require(manifest.tuning)
      #expect(tuning.generation == 1)
      #expect(tuning.ended == "Nothing was left to try." || tuning.ended == "The time was over.")
      #expect(tuning.users >= 50)
      #expect(tuning.validationEnd == manifest.split?.boundary)
      #expect(tuning.families.map(\.family) == ["popularity", "transitions", "cooccurrence", "ials"])
      for family in tuning.families {
        let best = try #require(family.best, "\(family.family)")
        let standard = try #require(family.standard)
        #expect(best.value >= standard.value)
        if let second = family.runnerUp { #expect(best.value >= second.value) }
        #expect(family.tried >= 1)
        #expect(family.rungs.reduce(0) { $0 + $1.trials } >= family.tried)
      }
      let ials = tuning.families[3]
      #expect(Set(ials.chosen.keys) == ["regularisation", "unobserved-weight"])
      #expect((ials.chosen["unobserved-weight"] ?? 30) < 30, "\(ials.reason)")
      #expect(ials.given["factors"] == 8)
      // Trained with what was chosen.
      let model = try #require(manifest.models.first { $0.name == "ials" })
      #expect(model.parameters["unobservedWeight"] == ials.chosen["unobserved-weight"])
      #expect(
        manifest.settings["unobserved-weight"].flatMap { Double($0) } == ials.chosen["unobserved-weight"])
      #expect(manifest.settings["factors"] == "8")
      // Nothing free, nothing searched.
      #expect(tuning.families[1].tried == 1)
      #expect(tuning.families[1].reason.contains("given"))

      let seen = progress.all
      #expect(seen.contains { $0.stage == .tune && $0.details.contains("ials") })
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.fraction <= $1.fraction + 1e-9 })
      #expect(seen.last?.fraction == 1)
      #expect(try !files(path).contains("tuning.journal"))
      #expect(try Generation.open(at: path + "/generations/default/000001").manifest == manifest)
    }
  }

  @Test func theSameSeedGivesTheSameSearchWhateverTheThreads() throws {
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      var found: [[Manifest.Tuning.Family]] = []
      for (number, threads, seed) in [(1, 1, 5), (2, 3, 5), (3, 1, 6)] {
        var wanted = settings(free: ialsAndPopularity)
        wanted.threads = threads
        wanted.seed = UInt64(seed)
        found.append(
          try essence(run(path, last, number: UInt64(number), wanted, usesTuned: false)))
      }
      #expect(found[0] == found[1])
      #expect(found[0] != found[2])
    }
  }

  /// The events of the hold-out may be anything: the search must not notice.
  @Test func theHoldOutIsNotLookedAt() throws {
    // In the order of time, so that rows are numbered alike.
    let rows = rows.sorted { ($0.seconds, $0.user) < ($1.seconds, $1.user) }
    let boundary = rows.map(\.seconds).sorted()[Int(Double(rows.count) * 0.8)]
    let other = rows.map { row in
      var row = row
      // Another item of those there are.
      if row.seconds >= boundary { row.item = "i\(((Int(row.item.dropFirst()) ?? 0) * 7 + 3) % 40)" }
      return row
    }
    var found: [[Manifest.Tuning.Family]] = []
    var metrics: [[String: [String: Double]]] = []
    for rows in [rows, other] {
      try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
        let manifest = try run(path, last, number: 1, settings(free: ialsAndPopularity))
        found.append(try essence(manifest))
        metrics.append(manifest.metrics)
      }
    }
    #expect(found[0] == found[1])
    #expect(metrics[0] != metrics[1], "the hold-outs differ")
  }

  @Test func laterRunsUseWhatWasFoundUntilSettingsChange() throws {
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      var wanted = settings(free: ialsAndPopularity)
      wanted.unobservedWeight = 30
      let first = try run(path, last, number: 1, wanted)
      let chosen = try #require(first.tuning?.families[3].chosen["unobserved-weight"])
      try #require(chosen != 30)
      func weight(_ manifest: Manifest) -> Double? {
        manifest.settings["unobserved-weight"].flatMap { Double($0) }
      }

      let second = try run(path, last, number: 2, wanted, tuning: nil)
      #expect(second.tuning?.generation == 1)
      #expect(second.tuning?.families.allSatisfy { $0.used } == true)
      #expect(weight(second) == chosen)
      // Not due: all of it is used, and the log has not grown.
      let due = TuningOrder(seconds: 3600, when: .due)
      #expect(try run(path, last, number: 3, wanted, tuning: due).tuning?.generation == 1)

      #expect(weight(try run(path, last, number: 4, wanted, tuning: nil, usesTuned: false)) == 30)

      // Another dimension was not searched for: iALS goes back to its standard, popularity does not.
      var other = wanted
      other.factors = 12
      let third = try run(path, last, number: 5, other, tuning: nil)
      #expect(weight(third) == 30)
      #expect(third.tuning?.families.map(\.used) == [true, true, true, false])
      #expect(third.tuning?.families[3].note.contains("factors") == true)
      // And a search is due again.
      #expect(try run(path, last, number: 6, other, tuning: due).tuning?.generation == 6)

      var weighted = wanted
      weighted.weights[.view] = 2
      #expect(
        try run(path, last, number: 7, weighted, tuning: nil).tuning?.families.contains { $0.used } == false)

      // A value that is given as it was found does not disturb.
      var same = other
      same.given.insert(.unobservedWeight)
      let again = try run(path, last, number: 8, other, tuning: nil)
      let found = try #require(weight(again))
      same.unobservedWeight = found
      #expect(try run(path, last, number: 9, same, tuning: nil).tuning?.families[3].used == true)
      same.unobservedWeight = found + 1
      #expect(try run(path, last, number: 10, same, tuning: nil).tuning?.families[3].used == false)
    }
  }

  @Test func aDamagedFileIsIgnoredWithANote() throws {
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      let wanted = settings(free: ialsAndPopularity)
      _ = try run(path, last, number: 1, wanted)
      let file = path + "/generations/default/tuned-settings.json"
      let whole = try Data(contentsOf: URL(fileURLWithPath: file))
      chmod(file, 0o644)
      for (number, bytes) in [
        whole.prefix(whole.count / 2), Data(), Data("{\"formatVersion\":9}".utf8),
        Data(
          String(decoding: whole, as: UTF8.self).replacing(
            "\"formatVersion\" : 1", with: "\"formatVersion\" : 7"
          ).utf8),
      ].enumerated() {
        try bytes.write(to: URL(fileURLWithPath: file))
        let notes = Log<String>()
        let manifest = try run(path, last, number: UInt64(number + 2), wanted, tuning: nil, notes: notes)
        #expect(manifest.tuning == nil)
        #expect(notes.all.contains { $0.contains("tuned-settings.json") }, "\(notes.all)")
      }
      // Values out of range are not used.
      let absurd = String(decoding: whole, as: UTF8.self)
        .replacing(/"unobserved-weight" : [0-9.e-]+/, with: "\"unobserved-weight\" : -4")
      try Data(absurd.utf8).write(to: URL(fileURLWithPath: file))
      let manifest = try run(path, last, number: 20, wanted, tuning: nil)
      #expect(manifest.tuning?.families[3].used == false)
      #expect(manifest.tuning?.families[3].note.contains("unobserved-weight") == true)
    }
  }

  @Test func tooFewUsersAreSaid() throws {
    try LogOnDisk.make(try LogOnDisk.changes(Sample.planted(seed: 152, users: 20))) { path, last in
      let notes = Log<String>()
      let manifest = try run(path, last, number: 1, settings(free: ialsAndPopularity), notes: notes)
      #expect(manifest.tuning == nil)
      #expect(notes.all.contains { $0.contains("Too little data") })
    }
  }

  // MARK: Journal

  /// A run whose search ends well and that dies afterwards leaves its journal; cut anywhere, it is gone on with.
  @Test func anInterruptedSearchGoesOnWithTheSameResult() throws {
    var wanted = settings(free: ialsAndPopularity)
    wanted.blend = true
    let dying: TreeLearner = { (_) throws(TrainingFault) in throw TrainingFault(.numbersFailed, "killed") }
    let rows = Sample.planted(seed: 153, users: 300, items: 60, perUser: 20)
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      let journal = path + "/generations/default/tuning.journal"
      do {
        _ = try run(path, last, number: 1, wanted, learner: dying)
        Issue.record("The run did not die.")
      } catch let fault as TrainingFault {
        #expect(fault.message == "killed")
      }
      let whole = try Data(contentsOf: URL(fileURLWithPath: journal))
      let lines = whole.split(separator: 10, omittingEmptySubsequences: true)
      try #require(lines.count > 12)
      wanted.blend = false
      let reference = try essence(run(path, last, number: 2, wanted))
      #expect(!FileManager.default.fileExists(atPath: journal))

      // Cut after a line, within a line, and with a changed last line: what is good is used.
      let five = Data(lines.prefix(6).joined(separator: [10])) + [10]
      var changed = five
      changed[changed.count - 4] ^= 1
      for (number, (bytes, trials)) in [
        (five, 5), (five + lines[6].prefix(20), 5), (changed, 4), (whole, lines.count - 1),
      ]
      .enumerated() {
        try bytes.write(to: URL(fileURLWithPath: journal))
        let notes = Log<String>()
        let manifest = try run(path, last, number: UInt64(3 + number), wanted, usesTuned: false, notes: notes)
        #expect(try essence(manifest) == reference, "\(number)")
        #expect(
          notes.all.contains { $0.contains("goes on after \(trials) trials") }, "\(number): \(notes.all)")
      }

      // Damage before the last line, another setting, other data: begun anew.
      var damaged = whole
      damaged[lines[0].count + 30] ^= 1
      var reseeded = wanted
      reseeded.seed = 77
      for (number, (bytes, settings, last)) in [
        (damaged, wanted, last), (whole, reseeded, last), (whole, wanted, Position(last.value / 2)),
        (Data("nonsense\n".utf8), wanted, last), (Data(), wanted, last),
      ].enumerated() {
        try bytes.write(to: URL(fileURLWithPath: journal))
        let notes = Log<String>()
        _ = try run(path, last, number: UInt64(10 + number), settings, usesTuned: false, notes: notes)
        #expect(!notes.all.contains { $0.contains("goes on") }, "\(number): \(notes.all)")
      }
    }
  }

  /// The daemon's log grows while a killed search waits: the search goes on with the data it began with.
  @Test func aGrownLogDoesNotVoidTheJournal() throws {
    var wanted = settings(free: ialsAndPopularity)
    wanted.blend = true
    let dying: TreeLearner = { (_) throws(TrainingFault) in throw TrainingFault(.numbersFailed, "killed") }
    let rows = Sample.planted(seed: 154, users: 300, items: 60, perUser: 20)
    try LogOnDisk.make(try LogOnDisk.changes(rows)) { path, last in
      let early = Position(last.value - 50)
      #expect(throws: TrainingFault.self) { try run(path, early, number: 1, wanted, learner: dying) }
      wanted.blend = false
      let notes = Log<String>()
      let manifest = try run(path, last, number: 2, wanted, notes: notes)
      #expect(notes.all.contains { $0.contains("goes on after") })
      #expect(manifest.tuning?.through == early.value)
      #expect(manifest.trainedTo == last.value)
      #expect(manifest.events == last.value)
    }
  }
}
