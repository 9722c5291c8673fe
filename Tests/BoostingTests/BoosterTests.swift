import Boosting
import Models
import Testing
import Training
import Vocabulary

/// Trees out of XGBoost: ours must say what the library says.
@Suite struct BoosterTests {
  @Test(arguments: [UInt64(1), 2, 3]) func saysWhatTheLibrarySays(seed: UInt64) throws {
    let lesson = Chains.lesson(seed: seed)
    let booster = try Booster(lesson)
    let table = try booster.table()
    #expect(table.roots.count == booster.treeCount, "seed \(seed)")
    // Every feature value that was trained on is a possible threshold: the comparison must be the library's.
    let features = lesson.learning.features + lesson.validation.features
    let count = features.count / BlendFeature.count
    let theirs = try booster.margins(features)
    var ours = [Float](repeating: 0, count: count)
    table.evaluate(features, count: count, into: &ours)
    #expect(theirs.count == count, "seed \(seed)")
    let furthest = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
    #expect(furthest <= 1e-6, "seed \(seed)")
    #expect(Set(ours).count > 100, "seed \(seed): trees that tell rows apart")
  }

  @Test func saysWhatTheLibrarySaysOfMissingValues() throws {
    let booster = try Booster(Chains.lesson(seed: 4))
    let table = try booster.table()
    var chance = SeededGenerator(seed: 5)
    let features = (0..<200 * BlendFeature.count).map { _ in
      Int.random(in: 0..<3, using: &chance) == 0 ? Float.nan : Float.random(in: -1...2, using: &chance)
    }
    var ours = [Float](repeating: 0, count: 200)
    table.evaluate(features, count: 200, into: &ours)
    let theirs = try booster.margins(features)
    #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) <= 1e-6 })
  }

  @Test func learnsWhatThereIsToLearn() throws {
    let lesson = Chains.lesson(seed: 6)
    let table = try TreeBooster.learn(lesson)
    let part = lesson.validation
    var margins = [Float](repeating: 0, count: part.labels.count)
    table.evaluate(part.features, count: part.labels.count, into: &margins)
    let correct = zip(margins, part.labels).filter { ($0 > 0) == ($1 == 1) }.count
    #expect(Double(correct) / Double(part.labels.count) > 0.85)
  }

  @Test func theSameLessonGivesTheSameTrees() throws {
    let first = try TreeBooster.learn(Chains.lesson(seed: 7))
    #expect(try TreeBooster.learn(Chains.lesson(seed: 7)) == first)
    var other = Chains.lesson(seed: 7)
    other.seed = 8
    #expect(try TreeBooster.learn(other) != first, "the seed is used")
  }

  @Test func stopsWhenHeldBackUsersGainNoMore() throws {
    var lesson = Chains.lesson(seed: 9, rows: 1500)
    // Labels of the validation that nothing explains: the first trees already make it worse.
    var chance = SeededGenerator(seed: 10)
    lesson.validation.labels = lesson.validation.labels.map { _ in Bool.random(using: &chance) ? 1 : 0 }
    lesson.rounds = 500
    let booster = try Booster(lesson)
    #expect(booster.losses.count < 100)
    #expect(booster.treeCount <= booster.losses.count - 15)
    let best = try #require(booster.losses.min())
    #expect(booster.losses[booster.treeCount - 1] == best)
  }

  @Test func respectsDepthAndRounds() throws {
    var lesson = Chains.lesson(seed: 11)
    lesson.rounds = 7
    lesson.depth = 2
    let table = try TreeBooster.learn(lesson)
    #expect(table.roots.count <= 7)
    #expect(table.nodes.count <= 7 * table.roots.count, "a tree of depth 2 has 7 nodes")
  }
}
