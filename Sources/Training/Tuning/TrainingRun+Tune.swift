import Checksums
import Models
import Vocabulary

extension TrainingRun {
  /// The run with the settings it trains with, the data it learns from, and what the manifest says of a search.
  struct Settled {
    let run: TrainingRun
    let data: Interactions
    /// Newest time among the events that the serving generation learned from.
    let servedUntil: Int64
    let tuning: Manifest.Tuning?
    /// To be removed once the generation is made.
    let journal: TuningJournal?
  }

  /// Reads the log and settles the settings: by a search if one is ordered and due, else by what the last one found.
  ///
  /// REQUIRES: the trainer's lock is held.
  /// - Parameter servedTo: the last position the serving generation was trained on.
  func settle(servedTo: Position) throws(TrainingFault) -> Settled {
    let stored = storedSettings()
    if let order = tuningOrder, order.isDue(stored, settings: settings, through: through) {
      return try with(settings, tunes: true).search(order, stored: stored, servedTo: servedTo)
    }
    let (data, servedUntil) = try readLog(through: through, servedTo: servedTo)
    try checkEvents(data)
    guard let stored else {
      return Settled(run: self, data: data, servedUntil: servedUntil, tuning: nil, journal: nil)
    }
    var (found, tuning) = stored.applied(to: settings)
    let needed = DataSize(data).plan(found).bytes
    if needed > settings.memoryLimitBytes {
      // Rather the standard than no generation.
      found = settings
      for place in tuning.families.indices {
        tuning.families[place].used = false
        tuning.families[place].note =
          "Together they need up to \(needed) bytes; memory-limit is \(settings.memoryLimitBytes)."
      }
    }
    return Settled(
      run: with(found), data: data, servedUntil: servedUntil, tuning: tuning, journal: nil)
  }

  /// What the last search found; nil, with a note, if it cannot be read.
  private func storedSettings() -> TunedSettings? {
    guard usesTuned else { return nil }
    do {
      return try GenerationShelf(path: generationsPath).tunedSettings()
    } catch {
      note("\(error) This run goes on without.")
      return nil
    }
  }

  private func search(_ order: TuningOrder, stored: TunedSettings?, servedTo: Position) throws(TrainingFault)
    -> Settled
  {
    var journal = TuningJournal(path: generationsPath + "/" + TuningJournal.fileName)
    let binding = searchBinding
    // A search that was interrupted goes on with the data it began with.
    var searchedThrough = through
    if let header = journal.header, header.settings == binding, header.through <= through.value,
      through.value - header.through <= through.value / 10
    {
      searchedThrough = Position(header.through)
    }
    var (data, servedUntil) = try readLog(through: searchedThrough, servedTo: servedTo)
    try checkEvents(data)
    try checkMemory(data, FamilyPlan(data, settings: settings))
    let header = TuningJournal.Header(
      settings: binding, through: searchedThrough.value, events: data.eventCount, users: data.userCount,
      items: data.itemCount, data: data.checksum)
    if journal.header != header {
      try journal.start(header)
    } else {
      note("The search goes on after \(journal.trials.count) trials of an interrupted run.")
    }
    let tuning = try found(order, stored: stored, journal: journal, data: data, through: searchedThrough)
    if searchedThrough != through {
      (data, servedUntil) = try readLog(through: through, servedTo: servedTo, isAgain: true)
    }
    guard let tuning else {
      note(
        "Too little data for a search: no \(TuningExam.usersMin) users can be asked about a validation part.")
      return Settled(run: self, data: data, servedUntil: servedUntil, tuning: nil, journal: journal)
    }
    let (applied, record) = TunedSettings(weights: settings.recordedWeights, tuning: tuning)
      .applied(to: settings)
    return Settled(
      run: with(applied), data: data, servedUntil: servedUntil, tuning: record, journal: journal)
  }

  /// - Returns: nil if there are too few users to ask.
  private func found(
    _ order: TuningOrder, stored: TunedSettings?, journal: TuningJournal, data: Interactions,
    through: Position
  ) throws(TrainingFault) -> Manifest.Tuning? {
    let size = DataSize(data)
    let plan = size.plan(settings)
    guard let exam = TuningExam(data, settings: settings, factors: plan.factors) else { return nil }
    // The standard is what `auto` is for these data: points lie beside numbers.
    var standard = settings
    standard.factors = plan.factors.dimensions
    standard.unobservedWeight = plan.factors.unobservedWeight
    var hints: [String: TuningPoint] = [:]
    for family in stored?.tuning.families ?? [] { hints[family.family] = TuningPoint(family.chosen) }
    var search = TuningSearch(
      exam, settings: standard, journal: journal, seconds: order.seconds, hints: hints,
      pool: ThreadPool(threads: settings.threads),
      fits: { size.plan($0).bytes <= settings.memoryLimitBytes },
      report: { report(.tune, $0, details: $1) })
    let result = try search.run()
    report(.tune, 1)
    return Manifest.Tuning(
      generation: number, searched: Self.now, through: through, seconds: result.seconds,
      measure: TuningExam.measure, validation: exam.description, validationEnd: exam.end,
      users: exam.set.count, ended: result.ended, families: result.families)
  }

  /// A checksum of everything that must agree for results of an interrupted search to be used.
  private var searchBinding: UInt32 {
    var recorded = settings.recorded
    for name in [
      "threads", "memory-limit", "blend", "blend-rounds", "blend-depth", "blend-rate", "gate", "gate-margin",
    ] {
      recorded[name] = nil
    }
    let given = settings.given.map(\.rawValue).sorted().joined(separator: ",")
    let space = TuningFamily.all.map { family in
      family.name + family.axes.map { "\($0.setting.rawValue)\($0.values)" }.joined()
    }
    let text =
      recorded.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
      + "\n\(tenant.text)\n\(given)\n\(space)"
    return CRC32C.of(Array(text.utf8))
  }

  private func checkEvents(_ data: Interactions) throws(TrainingFault) {
    guard data.eventWeight.contains(where: { $0 > 0 }) else {
      throw TrainingFault(
        .noTrainingData,
        "Tenant \(tenant.text) has no positive event up to position \(through.value); ingest events first.")
    }
  }

  /// After the generation is made: later runs use what was found, and the journal has done its duty.
  func keep(_ settled: Settled) throws(TrainingFault) {
    guard let journal = settled.journal else { return }
    if let tuning = settled.tuning {
      do throws(ModelFault) {
        try GenerationShelf(path: generationsPath)
          .keep(TunedSettings(weights: settings.recordedWeights, tuning: tuning))
      } catch {
        throw TrainingFault(error)
      }
    }
    journal.remove()
  }
}
