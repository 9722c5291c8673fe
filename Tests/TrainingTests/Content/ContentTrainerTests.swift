import Models
import Testing
import Training
import Vocabulary

/// What items say of themselves, on a small made-up catalogue.
@Suite struct ContentTrainerTests {
  private let words = [
    ["saxophone", "trumpet", "swing", "bebop"], ["guitar", "distortion", "drums", "thrash"],
    ["violin", "sonata", "cello", "quartet"],
  ]

  private func item(_ name: String, topic: Int, _ chance: inout SeededGenerator) throws -> Item {
    var item = Item(id: try ItemIdentifier(name))
    let picked = words[topic].shuffled(using: &chance).prefix(3)
    item.title = picked.joined(separator: " ")
    item.text = "a record with \(words[topic].randomElement(using: &chance) ?? "")"
    return item
  }

  /// Users stay within a topic of their own. The last item of each topic is put and touched by nobody: its text alone says
  /// who wants it.
  @Test func aColdItemIsFoundThroughItsText() throws {
    var chance = SeededGenerator(seed: 5)
    let perTopic = 12
    var items: [Item] = []
    for topic in 0..<3 {
      for place in 0..<perTopic { items.append(try item("t\(topic)-\(place)", topic: topic, &chance)) }
    }
    var builder = InteractionsBuilder(weights: .standard, contentBytesMax: 1 << 20)
    for item in items { builder.apply(.putItem(item)) }
    for user in 0..<60 {
      for place in (0..<perTopic - 1).shuffled(using: &chance).prefix(6) {
        builder.add(
          user: try UserIdentifier("u\(user)"), item: items[user % 3 * perTopic + place].id,
          time: Timestamp(microseconds: Int64(1_600_000_000 + user * 10 + place) * 1_000_000), type: .view)
      }
    }
    let data = builder.finish(shards: 1)
    #expect(!data.content.isEmpty && data.itemCount == items.count)
    var settings = FactorSettings()
    settings.dimensions = 8
    let pool = ThreadPool(threads: 2)
    let pairs = data.confidencePairs(unit: 1)
    let factors = try #require(FactorTrainer(settings).train(pairs, pool: pool))
    let content = try #require(
      ContentTrainer().train(data.content, factors: factors.items, counts: data.pairsPerItem, pool: pool))
    let cold = (0..<3).map { $0 * perTopic + perTopic - 1 }
    for row in cold { #expect(data.pairsPerItem[row] == 0) }

    let ranker = ContentRanker(content, factors: factors, pool: pool)
    let scratch = ranker.makeScratch()
    var scores = [Float](repeating: 0, count: data.itemCount)
    var right = 0
    for user in 0..<data.userCount {
      let range = pairs.pairs(of: user)
      let topic = Int(pairs.columns[range.lowerBound]) / perTopic
      pairs.columns.withUnsafeBufferPointer { columns in
        pairs.confidences.withUnsafeBufferPointer { confidences in
          let query = Query(
            user: user, history: UnsafeBufferPointer(rebasing: columns[range]),
            pairItems: UnsafeBufferPointer(rebasing: columns[range]),
            pairConfidences: UnsafeBufferPointer(rebasing: confidences[range]))
          scores.withUnsafeMutableBufferPointer { scores in
            if let base = scores.baseAddress { ranker.score([query], into: base, scratch: scratch) }
          }
        }
      }
      if cold.max(by: { scores[$0] < scores[$1] }) == cold[topic] { right += 1 }
    }
    #expect(right == data.userCount, "seed 5: \(right) of \(data.userCount)")

    // What the trainer projects, the daemon projects as well: the same features, the same vector.
    for row in [0, cold[1]] {
      var sum = [Float](repeating: 0, count: content.dimensions)
      content.weights.forEach(ContentText.features(of: items[row])) { place, value in
        for column in sum.indices { sum[column] += value * content.projection.row(place)[column] }
      }
      for column in sum.indices { #expect(abs(sum[column] - content.items.row(row)[column]) < 1e-4) }
    }
  }

  @Test func threadsAndRunsChangeNothing() throws {
    var chance = SeededGenerator(seed: 9)
    var rows: [[ContentText.Feature]] = []
    for place in 0..<40 {
      rows.append(ContentText.features(of: try item("i\(place)", topic: place % 3, &chance)))
    }
    let features = ContentFeatures(rows: rows)
    let factors = FactorMatrix(rowCount: 40, dimensions: 4)
    factors.fillNormal(deviation: 1, seed: 3, rows: 0..<30)
    let counts = (0..<40).map { Float($0 < 30 ? $0 + 1 : 0) }
    let made = [1, 2].map {
      ContentTrainer().train(features, factors: factors, counts: counts, pool: ThreadPool(threads: $0))
    }
    let (one, two) = (try #require(made[0]), try #require(made[1]))
    #expect(one.map == two.map && one.base == two.base)
    #expect(one.items.values.array() == two.items.values.array())
    #expect(one.dimensions <= 40)
  }

  /// Nothing in common, nothing said, nobody there: no model, or one that predicts nothing.
  @Test func littleIsEnoughOrNothingIsMade() throws {
    let pool = ThreadPool(threads: 1)
    let factors = FactorMatrix(rowCount: 2, dimensions: 3)
    #expect(ContentTrainer().train(ContentFeatures(), factors: factors, counts: [0, 0], pool: pool) == nil)
    var (left, right) = (Item(id: try ItemIdentifier("a")), Item(id: try ItemIdentifier("b")))
    (left.title, right.title) = ("abcdef", "uvwxyz")
    let apart = ContentFeatures(rows: [left, right].map { ContentText.features(of: $0) })
    #expect(ContentTrainer().train(apart, factors: factors, counts: [0, 0], pool: pool) == nil)
    // A category in common, and nobody's pairs.
    (left.categories, right.categories) = (["tea"], ["tea"])
    let joined = ContentFeatures(rows: [left, right].map { ContentText.features(of: $0) })
    let made = try #require(
      ContentTrainer().train(joined, factors: factors, counts: [0, 0], pool: pool))
    #expect(made.base == [0, 0, 0] && made.landmarks.isEmpty && made.map.isEmpty)
  }

  @Test func tooMuchTextIsGivenUpAndSaid() throws {
    var chance = SeededGenerator(seed: 1)
    var builder = InteractionsBuilder(weights: .standard, contentBytesMax: 4000)
    for place in 0..<50 { builder.apply(.putItem(try item("i\(place)", topic: place % 3, &chance))) }
    let data = builder.finish(shards: 1)
    #expect(data.content.isEmpty)
    #expect(data.content.problem?.contains("memory-limit") == true)
    // The newest put counts, and what was deleted says nothing.
    var again = InteractionsBuilder(weights: .standard, contentBytesMax: 1 << 20)
    var item = try item("i", topic: 0, &chance)
    again.apply(.putItem(item))
    item.title = "cello"
    item.text = ""
    again.apply(.putItem(item))
    again.apply(.putItem(try self.item("gone", topic: 1, &chance)))
    again.apply(.deleteItem(try ItemIdentifier("gone")))
    let finished = again.finish(shards: 1)
    #expect(Array(finished.content.features(of: 0)) == ContentText.features(of: item))
    #expect(finished.itemCount == 1)
  }
}
