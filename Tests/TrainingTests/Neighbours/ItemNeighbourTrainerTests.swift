import Foundation
import Testing
import Training

/// Decayed item-kNN with shrinkage, against its definition worked by hand.
@Suite struct ItemNeighbourTrainerTests {
  private static let day: Int64 = 86_400

  /// Two users took a and b; u1's pairs are 10 and 0 days old, u2's 10 and 10.
  private func sample() throws -> Interactions {
    try Sample.interactions([
      Row(user: "u1", item: "a", seconds: 0), Row(user: "u2", item: "a", seconds: 0),
      Row(user: "u2", item: "b", seconds: 0), Row(user: "u1", item: "b", seconds: 10 * Self.day),
    ])
  }

  @Test func pairsFadeWithTheCalendar() throws {
    let data = try sample()
    #expect(data.spanDays == 10)
    let pairs = data.confidencePairs(unit: 1)
    let faded = data.agedByCalendar(pairs, halfLifeDays: 5)
    #expect(faded.columns == pairs.columns)
    // Confidence of one view is log₂(1 + 1) = 1; ten days are two half-lives.
    #expect(faded.confidences == [0.25, 1, 0.25, 0.25])
    let own = data.agedByUser(pairs, halfLifeDays: 5)
    #expect(own.confidences == [0.25, 1, 1, 1], "u2 did nothing since, so nothing of theirs is old")
    let old = data.agedByCalendar(pairs, halfLifeDays: 0.01)
    #expect(old.confidences.allSatisfy { $0 > 0 }, "no pair vanishes")
  }

  /// Σ_u r_ua r_ub / √D_u over √((D_a + s)(D_b + s)).
  @Test func matchesTheDefinition() throws {
    let data = try sample()
    var trainer = ItemNeighbourTrainer(neighbours: 5)
    trainer.halfLifeDays = 5
    trainer.shrinkage = 2
    let table = trainer.train(data, pairs: data.confidencePairs(unit: 1), pool: ThreadPool(threads: 2))
    let sum = 0.25 * 1 / 1.25.squareRoot() + 0.25 * 0.25 / 0.5.squareRoot()
    let wanted = sum / ((0.5 + 2) * (1.25 + 2)).squareRoot()
    #expect(table.rowStart == [0, 1, 2] && table.rows == [1, 0])
    for score in table.scores { #expect(Double(score).isNear(wanted, 1e-6)) }
  }

  @Test func theHalfLifeFollowsTheData() throws {
    let trainer = ItemNeighbourTrainer(neighbours: 5)
    #expect(trainer.halfLife(for: try sample()) == 5)
    let moment = try Sample.interactions([Row(user: "u", item: "a", seconds: 0)])
    #expect(moment.spanDays == 0 && trainer.halfLife(for: moment) == 1)
    var told = trainer
    told.halfLifeDays = 90
    #expect(told.halfLife(for: moment) == 90)
  }
}
