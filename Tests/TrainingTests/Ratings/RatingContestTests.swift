import Foundation
import Models
import Testing
import Training
import Vocabulary

@Suite struct RatingContestTests {
  /// Ratings on a scale of 1 to 5 by users with biases and, if `taste` is above zero, two tastes; over a hundred days.
  private func data(
    seed: UInt64, users: Int = 150, items: Int = 80, share: Double = 0.4, taste: Double, shards: Int = 4
  ) throws -> Interactions {
    var numbers = SeededNumbers(seed: seed, stream: 1)
    let userRows = (0..<users).map { _ in (0..<3).map { _ in numbers.normal() } }
    let itemRows = (0..<items).map { _ in (0..<3).map { _ in numbers.normal() } }
    var builder = InteractionsBuilder(weights: .standard)
    for user in 0..<users {
      for item in 0..<items where numbers.uniform() < share {
        let match = userRows[user][1] * itemRows[item][1] + userRows[user][2] * itemRows[item][2]
        let rating =
          3 + 0.4 * userRows[user][0] + 0.4 * itemRows[item][0] + taste * match + 0.3 * numbers.normal()
        let day = 100 * numbers.uniform()
        let time = Timestamp(microseconds: (Sample.origin + Int64(day * 86_400)) * 1_000_000)
        let (who, what) = (try UserIdentifier("u\(user)"), try ItemIdentifier("i\(item)"))
        builder.add(user: who, item: what, time: time, type: .view)
        builder.add(
          user: who, item: what, time: time, type: .rate, value: Float(min(5, max(1, rating))))
      }
    }
    return builder.finish(shards: shards)
  }

  private func contest(_ data: Interactions, threads: Int = 2) throws -> RatingContest {
    let split = try #require(TemporalSplit(data, share: 0.2, seenRule: .excluded, seed: 1))
    return RatingContest.measure(
      data, train: split.train, boundary: split.boundary, settings: TrainingSettings(),
      pool: ThreadPool(threads: threads)
    ) { _ in }
  }

  @Test(arguments: [301, 302] as [UInt64]) func factorsWinWhereTastesDiffer(seed: UInt64) throws {
    let outcome = try contest(try data(seed: seed, taste: 0.6))
    let errors = ["rating-mean", "rating-bias", "rating-factors"].map { outcome.metrics[$0]?["RMSE"] ?? -1 }
    #expect(errors[0] > errors[1] + 0.05, "seed \(seed): \(errors)")
    #expect(errors[1] > errors[2] + 0.2, "seed \(seed): \(errors)")
    #expect(errors[2] < 0.45, "seed \(seed): noise is 0.3 before ratings are cut to the scale: \(errors)")
    let sizes = ["rating-mean", "rating-bias", "rating-factors"].map { outcome.metrics[$0]?["MAE"] ?? -1 }
    #expect(zip(errors, sizes).allSatisfy { $0 > $1 && $1 > 0 }, "seed \(seed): \(sizes)")
    #expect(outcome.winner == .factors)
    #expect(outcome.verdict.served == "rating-factors")
  }

  @Test(arguments: [303, 304, 305] as [UInt64]) func whoeverIsBetterServes(seed: UInt64) throws {
    let outcome = try contest(try data(seed: seed, taste: 0))
    let (bias, factors) = (
      try #require(outcome.metrics["rating-bias"]?["RMSE"]),
      try #require(outcome.metrics["rating-factors"]?["RMSE"])
    )
    #expect(outcome.winner == (factors < bias ? .factors : .bias), "seed \(seed): \(bias), \(factors)")
    #expect(outcome.verdict.served == (factors < bias ? "rating-factors" : "rating-bias"))
    #expect(abs(bias - factors) < 0.05, "seed \(seed): there is nothing for factors to find")
  }

  @Test func tooFewRatingsPredictNothing() throws {
    let few = try contest(try data(seed: 306, users: 20, items: 60, share: 0.6, taste: 0.5))
    #expect(few.winner == .none)
    #expect(few.verdict.served == "none")
    #expect(few.verdict.reason.contains("\(RatingLesson.ratingsMin)"))
    #expect(few.metrics.isEmpty)
    let pool = ThreadPool(threads: 1)
    let rows = try Sample.interactions(Sample.random(seed: 307))
    #expect(RatingContest.unmeasured(rows).winner == .none, "views are no ratings")
    #expect(
      RatingContest.unmeasured(rows).train(rows, settings: TrainingSettings(), pool: pool) { _ in } == nil)
    #expect(RatingContest.unmeasured(try data(seed: 308, taste: 0.6)).winner == .bias)
  }

  /// Of two ratings of one item the newer one is learned from, and only rate events are.
  @Test func theNewestRatingCounts() throws {
    var builder = InteractionsBuilder(weights: .standard)
    let (user, item) = (try UserIdentifier("u"), try ItemIdentifier("i"))
    for (seconds, value, type) in [(30, 2, EventType.rate), (10, 5, .rate), (40, 9, .view), (30, 3, .rate)] {
      builder.add(
        user: user, item: item, time: Timestamp(microseconds: Sample.origin * 1_000_000 + Int64(seconds)),
        type: type, value: Float(value))
    }
    builder.add(
      user: user, item: try ItemIdentifier("seen"),
      time: Timestamp(microseconds: Sample.origin * 1_000_000), type: .view)
    let lesson = RatingLesson(builder.finish(shards: 1))
    #expect(lesson.matrix.confidences == [3])
    #expect(lesson.items == [0])
    #expect(lesson.users == [0])
  }

  /// The stored model, opened again, says what was measured: the same arithmetic in 32 bits and with other kernels.
  @Test func whatServesIsWhatWasMeasured() throws {
    let data = try data(seed: 309, taste: 0.6)
    let pool = ThreadPool(threads: 2)
    let tables = RatingTables(lesson: RatingLesson(data), itemCount: data.itemCount)
    let factors = try #require(tables.factors(seed: 1, pool: pool) { _ in })
    for table in [tables.bias(pool: pool), factors] {
      let path = NSTemporaryDirectory() + "magpie-ratings-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: path) }
      let writer = try GenerationWriter(in: path, number: GenerationNumber(1))
      try writer.addItems(data.items)
      try writer.addRatings(table)
      _ = try writer.finish(
        Manifest(
          number: GenerationNumber(1), tenant: .default, created: Timestamp(microseconds: 1),
          trainedTo: Position(1), users: 1, items: UInt64(data.itemCount), events: 1, trainingSeconds: 1))
      let model = try #require(try Generation.open(at: writer.path).ratings)
      let scratch = RatingScratch(for: model)
      for (rated, values) in [([], []), ([3, 17, 40], [5, 1, 2.5]), ([9], [4])] as [([UInt32], [Float])] {
        rated.withUnsafeBufferPointer { rows in
          values.withUnsafeBufferPointer { model.foldIn(rows: rows, values: $0, into: scratch) }
        }
        let wanted = table.predict(rated: rated, values: values, asked: Array(0...data.itemCount))
        for row in 0...data.itemCount {
          let found = model.predict(row: row == data.itemCount ? nil : row, scratch)
          #expect(abs(Double(found) - wanted[row]) < 1e-3, "row \(row), \(rated.count) ratings")
        }
      }
    }
  }

  @Test func threadsChangeNoBit() throws {
    let data = try data(seed: 310, taste: 0.5)
    let tables = RatingTables(lesson: RatingLesson(data), itemCount: data.itemCount)
    let one = tables.factors(seed: 4, pool: ThreadPool(threads: 1)) { _ in }
    #expect(one == tables.factors(seed: 4, pool: ThreadPool(threads: 3)) { _ in })
    #expect(one != tables.factors(seed: 5, pool: ThreadPool(threads: 3)) { _ in })
    let metrics = try contest(data, threads: 1).metrics
    #expect(metrics == (try contest(data, threads: 5).metrics))
  }
}
