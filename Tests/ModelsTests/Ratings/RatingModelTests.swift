import Models
import Testing
import Vocabulary

@Suite struct RatingModelTests {
  private func open(_ table: RatingTable, items: Int = 3) throws -> Generation {
    let directory = try TemporaryDirectory()
    var sample = try Sample(items: items)
    sample.ratings = table
    try sample.write(directory.shelf)
    return try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
  }

  private func predict(_ model: RatingModel, _ rated: [(UInt32, Float)], _ row: Int?) -> Float {
    let scratch = RatingScratch(for: model)
    rated.map(\.0).withUnsafeBufferPointer { rows in
      rated.map(\.1).withUnsafeBufferPointer { model.foldIn(rows: rows, values: $0, into: scratch) }
    }
    return model.predict(row: row, scratch)
  }

  /// Width 1: b_u = Σ (r − μ − b_i) / (n + λ), worked by hand.
  @Test func biasesAloneAreTheClosedForm() throws {
    let generation = try open(
      RatingTable(
        mean: 3.5, low: 1, high: 5, samples: 1, width: 1, items: [0.5, -0.25, 0.125, 0], userMeans: [0],
        userPrecisions: [8], noise: [1]))
    let model = try #require(generation.ratings)
    #expect(predict(model, [], 0) == 4)
    #expect(predict(model, [], nil) == 3.5, "an item nobody rated")
    // (5 − 3.5 − 0.5) + (4 − 3.5 + 0.25) = 1.75, over 2 + 8.
    #expect(abs(predict(model, [(0, 5), (1, 4)], 2) - (3.5 + 0.125 + 0.175)) < 1e-6)
    // Predictions stay on the scale.
    let high = [(UInt32(0), Float(4000)), (1, 4000)]
    #expect(predict(model, high, 2) == 5)
    #expect(predict(model, [(0, -4000)], 2) == 1)
  }

  /// Two samples of one factor, each a system of two equations solved by Cramer's rule.
  @Test func foldInIsTheClosedForm() throws {
    let table = RatingTable(
      mean: 3, low: 1, high: 5, samples: 2, width: 2,
      items: [0.1, 0.5, -0.2, 1, 0.3, -0.4, 0, 0] + [0.2, 0.4, 0, 0.8, -0.1, 0.6, 0.05, 0.1],
      userMeans: [0.1, 0.2, -0.1, 0.3], userPrecisions: [2, 3, 4, 1.5], noise: [1.25, 0.75])
    let generation = try open(table)
    let model = try #require(generation.ratings)
    let rated: [(UInt32, Float)] = [(0, 4.5), (2, 2)]
    for (row, place) in [(1, 1), (nil, 3)] as [(Int?, Int)] {
      var sum = 0.0
      for sample in 0..<2 {
        func item(_ row: Int, _ column: Int) -> Double { Double(table.items[sample * 8 + row * 2 + column]) }
        let noise = Double(table.noise[sample])
        var (a, b, d) = (
          Double(table.userPrecisions[2 * sample]), 0.0, Double(table.userPrecisions[2 * sample + 1])
        )
        var (x, y) = (a * Double(table.userMeans[2 * sample]), d * Double(table.userMeans[2 * sample + 1]))
        for (item0, value) in rated {
          let (bias, factor) = (item(Int(item0), 0), item(Int(item0), 1))
          let rest = noise * (Double(value) - 3 - bias)
          a += noise
          b += noise * factor
          d += noise * factor * factor
          x += rest
          y += rest * factor
        }
        let determinant = a * d - b * b
        let (bias, factor) = ((x * d - b * y) / determinant, (a * y - b * x) / determinant)
        sum += bias + item(place, 0) + factor * item(place, 1)
      }
      #expect(abs(Double(predict(model, rated, row)) - (3 + sum / 2)) < 1e-5)
    }
  }

  @Test func whatBreaksARuleIsRefused() throws {
    let cases: [(String, (inout RatingTable) -> Void)] = [
      ("items.array", { $0.items[5] = .nan }),
      ("items.array", { $0.items.removeLast(6) }),
      ("noise.array", { ($0.samples, $0.width) = (1, 6) }),
      ("user-means.array", { $0.userMeans[0] = .infinity }),
      ("user-means.array", { $0.userMeans.removeLast() }),
      ("user-precisions.array", { $0.userPrecisions[3] = 0 }),
      ("user-precisions.array", { $0.userPrecisions[3] = -1 }),
      ("user-precisions.array", { $0.userPrecisions.append(1) }),
      ("noise.array", { $0.noise[1] = 0 }),
      ("noise.array", { $0.noise = [1] }),
      ("manifest.json", { $0.high = $0.low - 1 }),
      ("manifest.json", { $0.mean = .infinity }),
    ]
    for (place, (file, spoil)) in cases.enumerated() {
      let directory = try TemporaryDirectory()
      var sample = try Sample()
      var table = try #require(sample.ratings)
      spoil(&table)
      sample.ratings = table
      let fault = #expect(throws: ModelFault.self, "case \(place)") { try sample.write(directory.shelf) }
      #expect(fault?.file.hasSuffix(file) == true, "case \(place): \(fault as Any)")
    }
  }
}
