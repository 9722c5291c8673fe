import Glibc
import Testing
import Training

@Suite struct PredictionBlendTests {
  /// Errors of two parts with known squares and product: the best share by hand is
  /// (E[bb] − E[ab]) / (E[aa] + E[bb] − 2 E[ab]).
  @Test func sharesAreThoseOfTheClosedForm() {
    let truths = (0..<40).map { Double($0 % 5) }
    let errorsA = (0..<40).map { $0 % 2 == 0 ? 1.0 : -1 }
    let errorsB = (0..<40).map { $0 % 4 < 2 ? 2.0 : -2 }
    let shares = PredictionBlend.shares(
      [zip(truths, errorsA).map { $0 + $1 }, zip(truths, errorsB).map { $0 + $1 }], truths: truths)
    let (aa, bb) = (1.0, 4.0)
    let ab = zip(errorsA, errorsB).reduce(0.0) { $0 + $1.0 * $1.1 } / 40
    #expect(abs(shares[0] - (bb - ab) / (aa + bb - 2 * ab)) < 1e-9, "\(shares)")
    #expect(abs(shares[0] + shares[1] - 1) < 1e-12)
  }

  @Test func aPartThatOnlyAddsErrorGetsNothing() {
    let truths = (0..<30).map { Double($0 % 3) }
    let good = truths.enumerated().map { $1 + ($0 % 2 == 0 ? 0.1 : -0.1) }
    // Three times the error of the good one, with the same sign.
    let bad = truths.enumerated().map { $1 + ($0 % 2 == 0 ? 0.3 : -0.3) }
    #expect(PredictionBlend.shares([bad, good], truths: truths) == [0, 1])
  }

  @Test func littleDataAreSharedAlike() {
    #expect(PredictionBlend.shares([[1], [2]], truths: [2]) == [0.5, 0.5])
    #expect(PredictionBlend.shares([], truths: []) == [])
  }

  /// Two items always rated alike by everybody else: who likes one is predicted to like the other.
  @Test func neighboursCarryADeviation() {
    let (pool, users) = (ThreadPool(threads: 2), 30)
    var (start, columns, values) = ([0], [UInt32](), [Float]())
    for user in 0..<users {
      let likes: Float = user % 2 == 0 ? 5 : 1
      columns += [0, 1, 2]
      values += [likes, likes, 6 - likes]
      start.append(columns.count)
    }
    // One more who rated item 0 only, and high.
    columns += [0]
    values += [5]
    start.append(columns.count)
    let ratings = RatingMatrix(rowStart: start, columns: columns, confidences: values, columnCount: 3)
    let bias = BiasModel(ratings, pool: pool)
    let model = RatingNeighbours(ratings, bias: bias, pool: pool)
    #expect(model.predict(user: users, item: 1) > bias.predict(user: users, item: 1) + 0.5)
    // Item 2 goes against item 0: no likeness, so the biases speak.
    #expect(model.predict(user: users, item: 2) == bias.predict(user: users, item: 2))
    #expect(model.predict(user: nil, item: 1) == bias.predict(user: nil, item: 1))
  }
}
