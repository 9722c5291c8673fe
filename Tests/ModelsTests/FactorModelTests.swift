import Models
import Testing
import Vocabulary

@Suite struct FactorModelTests {
  private func model(_ sample: Sample, _ body: (FactorModel) throws -> Void) throws {
    let directory = try TemporaryDirectory()
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    try body(try #require(generation.factors))
  }

  /// The gradient of the loss itself, in 64 bits, written from its definition and not from the normal equations:
  /// loss(u) = Σ_H c (1 - uv)² + a₀ Σ_all (uv)² + λ (|H| + a₀ n)^ν |u|².
  private func gradient(
    _ sample: Sample, _ u: [Double], _ rows: [UInt32], _ confidences: [Float]
  ) -> (gradient: [Double], scale: Double) {
    let d = sample.dimensions
    let n = sample.items.count
    func score(_ row: Int) -> Double {
      (0..<d).reduce(0) { $0 + u[$1] * Double(sample.factors[row * d + $1]) }
    }
    var gradient = [Double](repeating: 0, count: d)
    var scale = 0.0
    for row in 0..<n {
      for k in 0..<d {
        let term = 2 * sample.unobservedWeight * score(row) * Double(sample.factors[row * d + k])
        gradient[k] += term
        scale = max(scale, abs(term))
      }
    }
    for (row, confidence) in zip(rows, confidences) {
      for k in 0..<d {
        let term = -2 * Double(confidence) * (1 - score(Int(row))) * Double(sample.factors[Int(row) * d + k])
        gradient[k] += term
        scale = max(scale, abs(term))
      }
    }
    var exponentiated = 1.0
    // ν = 1 in this test, so that no library function stands between the definition and the check.
    exponentiated = Double(rows.count) + sample.unobservedWeight * Double(n)
    for k in 0..<d { gradient[k] += 2 * sample.regularisation * exponentiated * u[k] }
    return (gradient, scale)
  }

  @Test func foldInIsTheMinimumOfTheLoss() throws {
    for (seed, dimensions) in [(UInt64(1), 1), (2, 5), (3, 16), (4, 33), (5, 64)] {
      var sample = try Sample(items: 150, dimensions: dimensions, seed: seed)
      sample.exponent = 1
      var random = SeededGenerator(seed: seed)
      let scratch = FoldInScratch(dimensions: dimensions)
      try model(sample) { model in
        for count in [1, 2, 7, 40] {
          let rows = Array((0..<UInt32(150)).shuffled(using: &random).prefix(count))
          let confidences = rows.map { _ in Float.random(in: 0.5...12, using: &random) }
          #expect(fold(model, rows, confidences, scratch))
          let (gradient, scale) = gradient(sample, scratch.vector.map { Double($0) }, rows, confidences)
          for value in gradient { #expect(abs(value) < 2e-4 * max(scale, 1), "seed \(seed), \(count) rows") }
        }
      }
    }
  }

  @Test func theExponentIsApplied() throws {
    var sample = try Sample(items: 1, dimensions: 1)
    sample.factors = [1]
    sample.regularisation = 0.5
    sample.unobservedWeight = 0.25
    sample.exponent = 2
    let scratch = FoldInScratch(dimensions: 1)
    try model(sample) { model in
      #expect(fold(model, [0], [3], scratch))
      // u = c / (c + a₀ + λ (1 + a₀)²)
      let expected = 3 / (3 + 0.25 + 0.5 * 1.25 * 1.25)
      #expect(abs(Double(scratch.vector[0]) - expected) < 1e-6)
    }
    #expect(
      FactorModel.ridge(regularisation: 0.5, exponent: 2, unobservedWeight: 0.25, observed: 1, of: 1)
        == 0.78125)
  }

  @Test func contributionsSumToTheScore() throws {
    let sample = try Sample(items: 120, dimensions: 24, seed: 8)
    var random = SeededGenerator(seed: 8)
    let scratch = FoldInScratch(dimensions: 24)
    try model(sample) { model in
      for seed in 0..<20 {
        let rows = Array(
          (0..<UInt32(120)).shuffled(using: &random).prefix(Int.random(in: 1...30, using: &random)))
        let confidences = rows.map { _ in Float.random(in: 0.5...12, using: &random) }
        #expect(fold(model, rows, confidences, scratch))
        var scores = [Float](repeating: 0, count: 120)
        scores.withUnsafeMutableBufferPointer { model.scoreAll(scratch.vector, into: $0) }
        for row in [0, 17, Int(rows[0])] {
          var terms = [Float](repeating: .nan, count: rows.count)
          rows.withUnsafeBufferPointer { r in
            confidences.withUnsafeBufferPointer { c in
              terms.withUnsafeMutableBufferPointer {
                model.contributions(to: row, rows: r, confidences: c, scratch, into: $0)
              }
            }
          }
          let magnitude = terms.reduce(0) { $0 + abs(Double($1)) }
          let sum = terms.reduce(0) { $0 + Double($1) }
          #expect(abs(sum - Double(scores[row])) <= 1e-4 * max(magnitude, 1e-3), "round \(seed), row \(row)")
        }
      }
    }
  }

  @Test func scoresOfSomeRowsAreThoseOfAll() throws {
    let sample = try Sample(items: 50, dimensions: 13)
    try model(sample) { model in
      let vector = (0..<13).map { Float($0) / 7 - 1 }
      var all = [Float](repeating: 0, count: 50)
      var some = [Float](repeating: 0, count: 3)
      vector.withUnsafeBufferPointer { v in
        all.withUnsafeMutableBufferPointer { model.scoreAll(v, into: $0) }
        [UInt32(49), 0, 31].withUnsafeBufferPointer { r in
          some.withUnsafeMutableBufferPointer { model.score(v, rows: r, into: $0) }
        }
      }
      #expect(some == [all[49], all[0], all[31]])
      let exact = (0..<13).reduce(0.0) { $0 + Double(vector[$1]) * Double(sample.factors[31 * 13 + $1]) }
      #expect(abs(Double(all[31]) - exact) < 1e-5)
    }
  }

  @Test func noAnswerIsSaidAndLeavesZero() throws {
    let sample = try Sample()
    let scratch = FoldInScratch(dimensions: 5)
    try model(sample) { model in
      for bad in [Float.nan, .infinity, -.infinity, -1e6] {
        #expect(!fold(model, [1, 2], [1, bad], scratch), "\(bad)")
        #expect(scratch.vector.allSatisfy { $0 == 0 })
      }
      // No history: zero is the minimum.
      #expect(fold(model, [], [], scratch))
      #expect(scratch.vector.allSatisfy { $0 == 0 })
      // The scratch recovers.
      #expect(fold(model, [3], [1], scratch))
      #expect(scratch.vector.contains { $0 != 0 })
    }
  }

  private func fold(
    _ model: FactorModel, _ rows: [UInt32], _ confidences: [Float], _ scratch: FoldInScratch
  ) -> Bool {
    rows.withUnsafeBufferPointer { r in
      confidences.withUnsafeBufferPointer { model.foldIn(rows: r, confidences: $0, into: scratch) }
    }
  }
}
