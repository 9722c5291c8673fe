import Models
import Vocabulary

/// Which model predicts ratings: factors if they beat biases on held-out ratings, else biases, and nothing where there
/// are too few ratings to learn from.
package struct RatingContest: Sendable {
  package enum Winner: Sendable { case none, bias, factors }

  /// Held-out ratings below which nothing is decided by them.
  package static let heldOutMin = 100

  package let winner: Winner
  /// For the manifest.
  package let verdict: Manifest.Ranking
  /// Model, then `RMSE` and `MAE`, then value.
  package let metrics: [String: [String: Double]]

  /// Without a hold-out: biases, because nothing could show that more is better.
  package static func unmeasured(_ data: Interactions) -> RatingContest {
    if let none = tooFew(RatingLesson(data).count) { return none }
    return RatingContest(
      winner: .bias,
      verdict: Manifest.Ranking(
        served: ModelName.ratingBias,
        reason: "Nothing was held out, so nothing could show that factors predict ratings better."),
      metrics: [:])
  }

  /// Learns from `train` and asks about the ratings of `data` from `boundary` on.
  package static func measure(
    _ data: Interactions, train: Interactions, boundary: Int64, settings: TrainingSettings, pool: ThreadPool,
    report: @escaping @Sendable (Double) -> Void
  ) -> RatingContest {
    if let none = tooFew(RatingLesson(data).count) { return none }
    let lesson = RatingLesson(train)
    let exam = RatingExam(data, train: train, boundary: boundary, seed: settings.seed)
    guard lesson.count >= RatingLesson.ratingsMin, exam.count >= heldOutMin else {
      return RatingContest(
        winner: .bias,
        verdict: Manifest.Ranking(
          served: ModelName.ratingBias,
          reason: """
            \(exam.count) ratings held out and \(lesson.count) before them are too few to tell whether factors \
            predict better than biases.
            """),
        metrics: [:])
    }
    let tables = RatingTables(lesson: lesson, itemCount: data.itemCount)
    let bias = tables.bias(pool: pool)
    var mean = bias
    (mean.items, mean.userPrecisions) = (mean.items.map { _ in 0 }, [.greatestFiniteMagnitude])
    let biasError = exam.errors(of: bias, pool: pool)
    var metrics = [
      ModelName.ratingMean: exam.errors(of: mean, pool: pool).metrics,
      ModelName.ratingBias: biasError.metrics,
    ]
    guard let factors = tables.factors(seed: settings.seed, pool: pool, progress: report) else {
      return RatingContest(
        winner: .bias,
        verdict: Manifest.Ranking(
          served: ModelName.ratingBias, reason: "Factors left the range of numbers; biases predict ratings."),
        metrics: metrics)
    }
    let factorError = exam.errors(of: factors, pool: pool)
    metrics[ModelName.ratingFactors] = factorError.metrics
    let wins = factorError.rmse < biasError.rmse
    return RatingContest(
      winner: wins ? .factors : .bias,
      verdict: Manifest.Ranking(
        served: wins ? ModelName.ratingFactors : ModelName.ratingBias,
        reason: """
          RMSE on \(exam.count) held-out ratings: factors \(Self.shown(factorError.rmse)), biases \
          \(Self.shown(biasError.rmse)).
          """),
      metrics: metrics)
  }

  /// The winner, fitted to everything; nil if nothing serves or numbers stopped being finite.
  package func train(
    _ data: Interactions, settings: TrainingSettings, pool: ThreadPool, report: (Double) -> Void
  ) -> RatingTable? {
    if winner == .none { return nil }
    let tables = RatingTables(lesson: RatingLesson(data), itemCount: data.itemCount)
    return winner == .factors
      ? tables.factors(seed: settings.seed, pool: pool, progress: report) : tables.bias(pool: pool)
  }

  private static func tooFew(_ count: Int) -> RatingContest? {
    if count >= RatingLesson.ratingsMin { return nil }
    return RatingContest(
      winner: .none,
      verdict: Manifest.Ranking(
        served: "none",
        reason: count == 0
          ? "There are no ratings to learn from."
          : "There are \(count) ratings; at least \(RatingLesson.ratingsMin) are needed to predict more."),
      metrics: [:])
  }

  private static func shown(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
}
