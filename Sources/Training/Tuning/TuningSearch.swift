import Models
import Vocabulary

/// The search for settings: goes through brackets and families until time is over or nothing is left to try.
///
/// What it does depends on the exam, the settings and the results so far; the clock only says when to stop.
struct TuningSearch {
  private let exam: TuningExam
  private let settings: TrainingSettings
  private let pool: ThreadPool
  private var journal: TuningJournal
  private let secondsMax: Double
  /// What the last search found, by family.
  private let hints: [String: TuningPoint]
  private let fits: (TrainingSettings) -> Bool
  private let clock: @Sendable () -> UInt64
  private let report: (Double, String) -> Void

  private let started: UInt64
  /// Seconds that runs before this one took for what is in the journal.
  private let secondsBefore: Double
  private var courses: [Course]
  private var known: [Key: TuningTrial] = [:]
  /// Trials that count, in order; those of the journal only once the sequence comes to them.
  private(set) var trials: [TuningTrial] = []

  /// One family's way through the brackets.
  private struct Course {
    let family: TuningFamily
    let draw: TuningDraw
    let standard: TuningPoint
    var isDone = false
    /// Measured in full, in order.
    var full: [TuningTrial] = []
    /// Every user's measure of the standard.
    var standardScores: [Double]?
  }

  private struct Key: Hashable {
    let family: String
    let point: TuningPoint
    let users: Int
    let iterations: Int
  }

  /// - Parameters:
  ///   - journal: with a header; its trials are taken as measured.
  ///   - fits: whether a run with these settings stays within the memory limit.
  ///   - clock: nanoseconds.
  init(
    _ exam: TuningExam, settings: TrainingSettings, journal: TuningJournal, seconds: Double,
    hints: [String: TuningPoint], families: [TuningFamily] = TuningFamily.all, pool: ThreadPool,
    clock: @escaping @Sendable () -> UInt64 = { ContinuousNanoseconds.now },
    fits: @escaping (TrainingSettings) -> Bool, report: @escaping (Double, String) -> Void
  ) {
    self.exam = exam
    self.settings = settings
    self.pool = pool
    self.journal = journal
    secondsMax = seconds
    self.hints = hints
    self.fits = fits
    self.clock = clock
    self.report = report
    started = clock()
    secondsBefore = journal.trials.reduce(0) { $0 + $1.seconds }
    courses = families.map { family in
      Course(
        family: family, draw: TuningDraw(family, settings: settings), standard: family.point(of: settings))
    }
    for trial in journal.trials { known[Self.key(trial)] = trial }
  }

  private static func key(_ trial: TuningTrial) -> Key {
    Key(
      family: trial.family, point: TuningPoint(trial.point), users: trial.users, iterations: trial.iterations)
  }

  private var secondsSpent: Double { secondsBefore + Double(clock() &- started) / 1e9 }

  /// Searches to the end.
  /// - Returns: what was found, and why the search ended.
  /// - Throws: `generation_unwritable` if the journal cannot be written.
  mutating func run() throws(TrainingFault) -> (
    families: [Manifest.Tuning.Family], seconds: Double, ended: String
  ) {
    var ended = "Nothing was left to try."
    search: for cycle in 0..<HalvingBracket.cyclesMax {
      for place in courses.indices where !courses[place].isDone {
        if try !bracket(cycle, place) {
          ended = "The time was over."
          break search
        }
      }
    }
    let seconds = secondsSpent
    return (courses.map { finding($0) }, seconds, ended)
  }

  /// - Returns: false if time is over.
  private mutating func bracket(_ cycle: Int, _ place: Int) throws(TrainingFault) -> Bool {
    let course = courses[place]
    let bracket = HalvingBracket(cycle: cycle)
    var wanted: [TuningPoint] = []
    if cycle == 0 {
      wanted.append(course.standard)
      if let hint = hints[course.family.name], isWhole(hint, course) { wanted.append(hint) }
    }
    let measured = Set(course.full.map { TuningPoint($0.point) })
    let best = course.full.filter { $0.failed != true }.max { $0.mean < $1.mean }
    var points = course.draw.points(
      bracket.rungs[0].points, cycle: cycle, wanted: wanted, best: best.map { TuningPoint($0.point) }
    ) { point in
      !measured.contains(point) && fits(point.applied(to: settings))
    }
    if points.isEmpty || course.draw.axes.isEmpty { courses[place].isDone = true }
    for (number, rung) in bracket.rungs.enumerated() {
      if number > 0 { points = Array(points.prefix(rung.points)) }
      if cycle == 0 {
        // The standard is always measured in full, and first, because all others are compared with it.
        points.removeAll { $0 == course.standard }
        points.insert(course.standard, at: 0)
      }
      var results: [(mean: Double, point: TuningPoint)] = []
      for point in points {
        guard let trial = try measure(point, place, cycle, number, rung.share) else {
          return false
        }
        results.append((trial.failed == true ? -1 : trial.mean, point))
      }
      // Stable: at equal measures the earlier point goes on.
      points = results.enumerated().sorted {
        $0.element.mean != $1.element.mean ? $0.element.mean > $1.element.mean : $0.offset < $1.offset
      }.map(\.element.point)
    }
    return true
  }

  /// Whether a point has a value for every free setting and no other.
  private func isWhole(_ point: TuningPoint, _ course: Course) -> Bool {
    Set(point.values.keys) == Set(course.draw.axes.map(\.setting.rawValue))
      && fits(point.applied(to: settings))
  }

  /// - Returns: nil if time is over.
  private mutating func measure(
    _ point: TuningPoint, _ place: Int, _ cycle: Int, _ rung: Int, _ share: Double
  ) throws(TrainingFault) -> TuningTrial? {
    let family = courses[place].family
    var chosen = point.applied(to: settings)
    if family.iterates {
      chosen.iterations = max(
        min(TuningExam.iterationsMin, settings.iterations),
        Int((Double(settings.iterations) * share).rounded(.up)))
    }
    let users = exam.users(share)
    // With few users a low rung may be the whole already.
    let isFull = users == exam.set.count && chosen.iterations == settings.iterations
    var trial = TuningTrial(
      family: family.name, point: point.values, cycle: cycle, rung: rung, users: users,
      iterations: family.iterates ? chosen.iterations : 0)
    let key = Self.key(trial)
    if let old = known[key] {
      note(old, place, isFull: isFull)
      return old
    }
    if secondsSpent >= secondsMax { return nil }
    let begun = clock()
    let label = "\(family.name), \(trials.count) tried"
    // Within a trial as well: whoever watches takes a long silence for a hang.
    let (before, began, limit, clock, report) = (secondsBefore, started, secondsMax, clock, report)
    let tell = { (_: Double) in
      report(min(1, (before + Double(clock() &- began) / 1e9) / limit), label)
    }
    tell(0)
    let scores = exam.scores(family, chosen, users: users, pool: pool, report: tell)
    if let scores {
      let mean = SampleMean(scores)
      (trial.mean, trial.error) = (mean.mean, mean.error)
    } else {
      trial.failed = true
    }
    if isFull {
      if point == courses[place].standard { courses[place].standardScores = scores ?? [] }
      if courses[place].standardScores == nil {
        // After a kill only the standard's mean is in the journal; comparing takes every user's measure.
        courses[place].standardScores =
          exam.scores(family, settings, users: users, pool: pool, report: tell) ?? []
      }
      let standard = courses[place].standardScores ?? []
      let difference = SampleMean(
        (scores ?? []).enumerated().map { $1 - (standard.indices.contains($0) ? standard[$0] : 0) })
      (trial.difference, trial.differenceError) = (difference.mean, difference.error)
    }
    trial.seconds = Double(clock() &- begun) / 1e9
    try journal.append(trial)
    known[key] = trial
    note(trial, place, isFull: isFull)
    return trial
  }

  private mutating func note(_ trial: TuningTrial, _ place: Int, isFull: Bool) {
    if !trials.contains(where: { Self.key($0) == Self.key(trial) }) { trials.append(trial) }
    guard isFull, !courses[place].full.contains(where: { $0.point == trial.point }) else { return }
    courses[place].full.append(trial)
  }

  // MARK: What was found

  private func finding(_ course: Course) -> Manifest.Tuning.Family {
    let mine = trials.filter { $0.family == course.family.name }
    var family = Manifest.Tuning.Family(family: course.family.name)
    family.tried = UInt64(Set(mine.map { TuningPoint($0.point) }).count)
    family.seconds = mine.reduce(0) { $0 + $1.seconds }
    family.given = course.family.given(settings).values
    family.chosen = course.standard.values
    let steps = Dictionary(grouping: mine) { [$0.users, $0.iterations] }
    family.rungs = steps.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }
      .map { Manifest.Tuning.Rung(users: $0.key[0], iterations: $0.key[1], trials: $0.value.count) }
    let ranked = course.full.filter { $0.failed != true }.enumerated()
      .sorted {
        $0.element.mean != $1.element.mean ? $0.element.mean > $1.element.mean : $0.offset < $1.offset
      }
      .map(\.element)
    func point(_ trial: TuningTrial) -> Manifest.Tuning.Point {
      Manifest.Tuning.Point(settings: trial.point, value: trial.mean, standardError: trial.error)
    }
    let standard = course.full.first { TuningPoint($0.point) == course.standard }
    family.standard = standard.flatMap { $0.failed == true ? nil : point($0) }
    family.best = ranked.first.map(point)
    family.runnerUp = ranked.dropFirst().first.map(point)
    family.reason = Self.reason(ranked, standard: standard, isFree: !course.draw.axes.isEmpty)
    if let best = ranked.first, Self.wins(best, standard) { family.chosen = best.point }
    return family
  }

  private static func wins(_ best: TuningTrial, _ standard: TuningTrial?) -> Bool {
    if standard?.failed == true { return true }
    guard let difference = best.difference, let error = best.differenceError else { return false }
    return difference > 0 && difference > error
  }

  private static func reason(_ ranked: [TuningTrial], standard: TuningTrial?, isFree: Bool) -> String {
    guard isFree else { return "Every setting is given; there was nothing to search." }
    guard let best = ranked.first else {
      return standard == nil
        ? "The time was over before anything was measured in full; the standard stays."
        : "Nothing stayed within the range of numbers; the standard stays."
    }
    if standard?.failed == true { return "The standard left the range of numbers." }
    if best.point == standard?.point { return "Nothing was better than the standard." }
    let (ahead, error) = (rounded(best.difference ?? 0), rounded(best.differenceError ?? 0))
    return "The best is ahead of the standard by \(ahead) with a standard error of \(error); "
      + (wins(best, standard) ? "it is chosen." : "that is not enough, the standard stays.")
  }

  /// Five decimals, without the formatting of a locale.
  private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
