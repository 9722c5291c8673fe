import Evaluating
import Testing
import Training

@Suite struct BootstrapTests {
  private let pool = ThreadPool(threads: 2)

  @Test func equalValuesHaveNoSpread() throws {
    let interval = try #require(
      Bootstrap(resamples: 100, seed: 1).intervals([0.25, 0.25, 0.25], columns: 1, pool: pool))
    #expect(interval[0].low == 0.25 && interval[0].high == 0.25)
  }

  /// The interval of a mean is close to mean ± 1.96 · deviation / √n where n is large.
  @Test func agreesWithTheNormalInterval() throws {
    let values = (0..<2000).map { $0 % 4 == 0 ? 1.0 : 0 }
    let interval = try #require(
      Bootstrap(resamples: 2000, seed: 7).intervals(values, columns: 1, pool: pool))[0]
    let half = 1.96 * (0.25 * 0.75 / 2000).squareRoot()
    #expect(abs(interval.low - (0.25 - half)) < 0.1 * half, "\(interval)")
    #expect(abs(interval.high - (0.25 + half)) < 0.1 * half, "\(interval)")
  }

  @Test func seedDecidesAndThreadsDoNot() throws {
    let values = (0..<97).map { Double($0 * $0 % 13) }
    func interval(_ seed: UInt64, _ threads: Int) -> Double? {
      Bootstrap(resamples: 50, seed: seed)
        .intervals(values, columns: 1, pool: ThreadPool(threads: threads))?[0].low
    }
    #expect(interval(1, 1) == interval(1, 3))
    #expect(interval(1, 1) != interval(2, 1))
  }

  @Test func questionsWithoutAValueAreLeftOut() throws {
    let interval = try #require(
      Bootstrap(resamples: 20, seed: 1).intervals([0.5, .nan, 0.5, .nan], columns: 1, pool: pool))[0]
    #expect(interval.low == 0.5 && interval.high == 0.5)
  }

  @Test func ratiosWeighByTheirDenominators() throws {
    // One user with nine ratings off by 1, one with one off by 3: √((9 + 9) / 10).
    var errors = RatingErrors(userCount: 2)
    for _ in 0..<9 { errors.add(user: 0, error: -1) }
    errors.add(user: 1, error: 3)
    #expect(abs(errors.rmse - 1.8.squareRoot()) < 1e-12)
    #expect(abs(errors.mae - 1.2) < 1e-12)
    let estimates = errors.estimates(Bootstrap(resamples: 400, seed: 3), pool: pool)
    // Resamples hold one user twice or both.
    #expect(estimates[0].low == 1 && estimates[0].high == 3)
  }
}
