import Testing
import Training
import Vocabulary

@Suite struct InteractionsTests {
  @Test func putsEventsOfAUserInTimeOrderAndKeepsLogOrderAtEqualTimes() throws {
    let data = try Sample.interactions([
      Row(user: "a", item: "x", seconds: 30), Row(user: "b", item: "y", seconds: 5),
      Row(user: "a", item: "y", seconds: 10), Row(user: "a", item: "z", seconds: 10),
    ])
    #expect(data.items.map(\.text) == ["x", "y", "z"])
    #expect(data.users.map(\.text) == ["a", "b"])
    #expect(data.eventStart == [0, 3, 4])
    #expect(data.eventItem == [1, 2, 0, 1])
    #expect(data.newestTime == (Sample.origin + 30) * 1_000_000)
  }

  @Test func followsTheLogThroughDeletionAndReturn() throws {
    func item(_ id: String) throws -> Item { Item(id: try ItemIdentifier(id)) }
    func event(_ id: String, _ type: EventType = .view) throws -> LogEntry.Change {
      .event(
        Event(
          id: try EventIdentifier("e"), type: type, user: try UserIdentifier("a"),
          item: try ItemIdentifier(id),
          time: Timestamp(microseconds: 1_600_000_000_000_000)))
    }
    var builder = InteractionsBuilder(weights: .standard)
    builder.apply(.putItem(try item("catalogue-only")))
    builder.apply(try event("gone"))
    builder.apply(try event("back"))
    builder.apply(try event("shown", .impression))
    builder.apply(.deleteItem(try ItemIdentifier("gone")))
    builder.apply(.deleteItem(try ItemIdentifier("back")))
    builder.apply(.putItem(try item("back")))
    let data = builder.finish(shards: 3)
    #expect(data.items.map(\.text) == ["catalogue-only", "back"])
    #expect(data.eventItem == [1])
  }

  @Test func shardsFollowTheStableHashAndCoverEveryUserOnce() throws {
    let rows = Sample.random(seed: 4)
    let data = try Sample.interactions(rows, shards: 7)
    #expect(data.shardCount == 7)
    #expect(data.shardStart.last == data.userCount)
    for shard in 0..<7 {
      for user in data.users(ofShard: shard) {
        #expect(StableHash.of(data.users[user].bytes) % 7 == UInt64(shard))
      }
    }
    #expect(Set(data.users).count == Set(rows.map(\.user)).count)
    #expect(data.items == (try Sample.interactions(rows, shards: 1)).items)
  }

  @Test func sumsWeightsOfPairsAndDropsWhatIsDisliked() throws {
    let data = try Sample.interactions([
      Row(user: "a", item: "x", seconds: 1, type: .view), Row(user: "a", item: "y", seconds: 2, type: .view),
      Row(user: "a", item: "x", seconds: 3, type: .purchase),
      Row(user: "a", item: "y", seconds: 4, type: .dislike),
    ])
    let pairs = data.weightPairs()
    #expect(pairs.columns == [0])
    #expect(pairs.confidences == [11])
    #expect(data.meanPositiveWeight == 4)
    #expect(abs(data.confidencePairs(unit: 4).confidences[0] - 1.9068906) < 1e-5)
  }

  @Test func transposingTwiceChangesNothing() throws {
    let pairs = try Sample.interactions(Sample.random(seed: 9)).weightPairs()
    let twice = pairs.transposed().transposed()
    #expect(twice.rowStart == pairs.rowStart)
    #expect(twice.columns == pairs.columns)
    #expect(twice.confidences == pairs.confidences)
  }

  @Test func cutsBasketsBySessionMomentAndPause() throws {
    let data = try Sample.interactions([
      Row(user: "a", item: "p", seconds: 0), Row(user: "a", item: "q", seconds: 0),
      Row(user: "a", item: "p", seconds: 1800), Row(user: "a", item: "r", seconds: 3601),
      Row(user: "a", item: "s", seconds: 9000, session: 7),
      Row(user: "a", item: "t", seconds: 20_000, session: 7),
      Row(user: "a", item: "u", seconds: 20_001, session: 8), Row(user: "a", item: "v", seconds: 20_001),
      Row(user: "b", item: "p", seconds: 20_001),
    ])
    let baskets = Baskets(data)
    let lists = (0..<baskets.count).map { basket in
      baskets.places(of: basket).map { data.items[Int(baskets.items[$0])].text }
    }
    // 20,001 s: one moment joins different sessions.
    #expect(lists == [["p", "q"], ["r"], ["s", "t"], ["u", "v"], ["p"]])
    #expect(baskets.holding(item: 0).map { baskets.basketOfHolding[$0] } == [0, 4])
  }
}
