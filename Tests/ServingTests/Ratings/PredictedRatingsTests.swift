import LiveState
import Models
import Serving
import Testing
import Vocabulary

/// Predictions through whole requests, by biases alone, so that the expected number is a fraction.
@Suite struct PredictedRatingsTests {
  private func world() throws -> World {
    let world = try World()
    try world.put("a", "b", "c", "new")
    try world.train(
      World.Trained(
        items: ["a", "b", "c"], popularity: [("a", 3), ("b", 2), ("c", 1)],
        ratings: RatingTable(
          mean: 3.5, low: 1, high: 5, samples: 1, width: 1, items: [0.5, -0.25, 0.125, 0.0625],
          userMeans: [0], userPrecisions: [8], noise: [1])))
    return world
  }

  private func rate(_ world: World, _ item: String, _ value: Float, at seconds: Int64) throws {
    let event = Event(
      id: try EventIdentifier("r\(world.position)"), type: .rate, user: try UserIdentifier("u"),
      item: try ItemIdentifier(item), time: Timestamp(microseconds: seconds * 1_000_000), value: value)
    world.apply(.event(event))
    world.publish()
  }

  private func ratings(_ world: World, _ user: String) throws -> [String: Float] {
    let slate = try world.rank(user, ["a", "b", "c", "new"]) { $0.predictRatings = true }
    return Dictionary(
      uniqueKeysWithValues: slate.items.compactMap { item in item.predictedRating.map { (item.item.text, $0) }
      })
  }

  @Test func aRatingCountsFromTheNextRequestOn() throws {
    let world = try world()
    #expect(
      try ratings(world, "u") == ["a": 4, "b": 3.25, "c": 3.625, "new": 3.5625], "nobody in particular")
    #expect(try ratings(world, "") == ["a": 4, "b": 3.25, "c": 3.625, "new": 3.5625])
    // (5 − 3.5 − 0.5) / (1 + 8).
    try rate(world, "a", 5, at: 1_600_000_000)
    for (item, wanted) in [("a", 4 + 1 / 9.0), ("c", 3.625 + 1 / 9.0), ("new", 3.5625 + 1 / 9.0)] {
      #expect(abs(Double(try ratings(world, "u")[item] ?? 0) - wanted) < 1e-5)
    }
    // Another item: (1 + (1 − 3.5 + 0.25)) / (2 + 8).
    try rate(world, "b", 1, at: 1_600_000_100)
    #expect(abs(Double(try ratings(world, "u")["c"] ?? 0) - (3.625 - 0.125)) < 1e-5)
    // Changed their mind; what is sent late and older changes nothing.
    try rate(world, "b", 4, at: 1_600_000_200)
    try rate(world, "b", 1, at: 1_600_000_150)
    #expect(abs(Double(try ratings(world, "u")["c"] ?? 0) - (3.625 + 0.175)) < 1e-5)
    // What the model does not know says nothing; views say nothing.
    try rate(world, "new", 1, at: 1_600_000_300)
    try world.event("u", .view, "c")
    #expect(abs(Double(try ratings(world, "u")["c"] ?? 0) - (3.625 + 0.175)) < 1e-5)
    #expect(try ratings(world, "v")["c"] == 3.625, "others are not concerned")
  }

  @Test func onlyWhereAskedForAndLearned() throws {
    let world = try world()
    #expect(try world.recommend("u").items.allSatisfy { $0.predictedRating == nil })
    #expect(
      try world.recommend("u") { $0.predictRatings = true }.items.allSatisfy { $0.predictedRating != nil })
    #expect(try world.rank("u", ["a"]).items.allSatisfy { $0.predictedRating == nil })
    try world.train(World.Trained(items: ["a"], popularity: [("a", 1)]), number: 2)
    let slate = try world.recommend("u") { $0.predictRatings = true }
    #expect(!slate.items.isEmpty)
    #expect(slate.items.allSatisfy { $0.predictedRating == nil })
  }

  @Test func stayOnTheScaleAndChangeNoOrder() throws {
    let world = try world()
    for place in 0..<40 {
      try rate(world, place % 2 == 0 ? "a" : "b", 16_000_000, at: 1_600_000_000 + Int64(place))
    }
    #expect(try ratings(world, "u").values.allSatisfy { $0 == 5 })
    let plain = try world.rank("u", ["a", "b", "c"])
    let predicted = try world.rank("u", ["a", "b", "c"]) { $0.predictRatings = true }
    #expect(predicted.names == plain.names)
    #expect(predicted.items.map(\.score) == plain.items.map(\.score))
  }
}
