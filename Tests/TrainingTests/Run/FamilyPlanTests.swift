import Testing
import Training
import Vocabulary

/// What a run makes, for which data and limits.
@Suite struct FamilyPlanTests {
  private func plan(
    users: Int = 10_000, items: Int = 5000, pairs: Int = 500_000, repeats: Double = 0,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> FamilyPlan {
    var settings = TrainingSettings()
    change(&settings)
    return FamilyPlan(
      events: pairs, users: users, items: items, pairs: pairs, identifierBytes: 16 * (users + items),
      repeatShare: repeats, settings: settings)
  }

  @Test func autoFollowsTheData() {
    // Density 0.01, times ten; 5000 / 16 in steps of 32, at most 256.
    let middle = plan()
    #expect(abs(middle.factors.unobservedWeight - 0.1) < 1e-9)
    #expect(middle.factors.dimensions == 256)
    #expect(middle.chosen["factors"] == "256" && middle.chosen["linear"] == "EASE")
    #expect(middle.skipped.isEmpty && middle.userHalfLifeDays == nil)
    let sparse = plan(users: 100_000, items: 40_000, pairs: 4_000_000)
    #expect(abs(sparse.factors.unobservedWeight - 0.01) < 1e-9)
    // A request scans at most four million numbers: 40,000 times 96.
    #expect(sparse.factors.dimensions == 96)
    #expect(sparse.linear == .graphFilter)
    #expect(
      plan(users: 1_000_000, items: 3_000_000, pairs: 9_000_000) { $0.memoryLimitBytes = 1 << 36 }.linear
        == .filter)
    #expect(plan(repeats: 0.3).userHalfLifeDays == FamilyPlan.repeatHalfLifeDays)
  }

  @Test func whatIsSaidIsDone() {
    let told = plan {
      $0.factors = 512
      $0.unobservedWeight = 0.25
      $0.linear = false
      $0.userNeighbours = false
    }
    #expect(told.factors.dimensions == 512 && told.factors.unobservedWeight == 0.25)
    #expect(told.linear == nil && !told.makesUserNeighbours)
    #expect(told.skipped == ["linear": "linear is off.", "user-neighbours": "user-neighbours is off."])
    #expect(told.chosen.isEmpty)
  }

  /// Under ever smaller limits a relative that needs less takes the place, then nothing, with the numbers; what is
  /// made always fits.
  @Test func followsTheMemoryLimit() {
    var kinds: [LinearItems.Kind?] = []
    var limit: UInt64 = 8 << 30
    while limit > 64 << 20 {
      let made = plan(users: 20_000, items: 15_000, pairs: 200_000) { $0.memoryLimitBytes = limit }
      if made.bytes > limit { break }
      if kinds.isEmpty || kinds.last != made.linear { kinds.append(made.linear) }
      if made.linear == nil { #expect(made.skipped["linear"]?.contains("\(limit)") == true) }
      #expect(made.makesUserNeighbours == (made.skipped["user-neighbours"] == nil))
      limit -= 16 << 20
    }
    #expect(kinds.first == .ease && kinds.last == .some(nil), "\(kinds)")
    #expect(kinds.contains(.graphFilter) || kinds.contains(.filter))
  }

  @Test func repeatsAreWhatComesBackInAnotherBasket() throws {
    let hour: Int64 = 3600
    let data = try Sample.interactions([
      Row(user: "u", item: "a", seconds: 0), Row(user: "u", item: "a", seconds: 60),
      Row(user: "u", item: "a", seconds: 5 * hour), Row(user: "u", item: "b", seconds: 5 * hour, session: 3),
      Row(user: "u", item: "b", seconds: 9 * hour, session: 3), Row(user: "v", item: "a", seconds: 9 * hour),
      Row(user: "v", item: "a", seconds: 20 * hour, type: .dislike),
    ])
    // Only the third counts: the second is the same stretch, the fifth the same session, a dislike no repeat.
    #expect(data.repeatShare == 1.0 / 6)
  }
}
