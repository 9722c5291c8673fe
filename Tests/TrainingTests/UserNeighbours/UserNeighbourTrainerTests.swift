import Foundation
import Models
import Testing
import Training
import Vocabulary

@Suite struct UserNeighbourTrainerTests {
  /// Without any cap the index ranks as the definition does, which `UserNeighbourRankerTests` checks.
  @Test(arguments: [31, 32, 33] as [UInt64]) func ranksByTheDefinition(seed: UInt64) throws {
    let data = try Sample.interactions(Sample.random(seed: seed), shards: 3)
    let pairs = data.confidencePairs(unit: data.meanPositiveWeight)
    #expect((0..<pairs.rowCount).allSatisfy { pairs.pairs(of: $0).count >= 2 }, "seed \(seed)")
    var settings = UserNeighbourRanker.Settings()
    (settings.neighbours, settings.itemExponent) = (7, 0.5)
    var trainer = UserNeighbourTrainer()
    trainer.neighbours = 7
    let set = Pairs.queries(pairs)
    let wanted = Pairs.scores(UserNeighbourRanker(pairs, settings: settings), set)
    let scores = Pairs.scores(UserIndexRanker(trainer.train(data, pairs: pairs)), set)
    for user in scores.indices {
      for item in scores[user].indices {
        #expect(
          Double(scores[user][item]).isNear(Double(wanted[user][item]), 1e-4),
          "seed \(seed), user \(user), item \(item)")
      }
    }
  }

  /// The same users under other numbers make the same index, but for the order of items.
  @Test func shardsDoNotMatter() throws {
    let rows = Sample.random(seed: 34)
    let tables = try [1, 7].map { shards in
      let data = try Sample.interactions(rows, shards: shards)
      return UserNeighbourTrainer().train(data, pairs: data.confidencePairs(unit: 1))
    }
    tables[0].withIndex { one in
      tables[1].withIndex { other in
        #expect(Array(one.keys) == Array(other.keys))
        #expect(Array(one.userRows) == Array(other.userRows))
        #expect(Array(one.itemUsers) == Array(other.itemUsers))
        #expect(Array(one.itemOffsets) == Array(other.itemOffsets))
      }
    }
  }

  @Test func whatUsersTookFades() throws {
    let day: Int64 = 86_400
    let data = try Sample.interactions([
      Row(user: "u", item: "a", seconds: 0), Row(user: "u", item: "b", seconds: 10 * day),
      Row(user: "alone", item: "a", seconds: 0),
    ])
    var trainer = UserNeighbourTrainer()
    trainer.halfLifeDays = 10
    let table = trainer.train(data, pairs: data.confidencePairs(unit: 1))
    #expect(table.userCount == 1, "who took one thing only adds nothing")
    table.withIndex { index in
      #expect(Array(index.userScores) == [0.5, 1])
      // The likeness does not fade: both items have a part in the vector, a the smaller one for its second taker.
      let squares = index.itemScores.reduce(Float(0)) { $0 + $1 * $1 }
      #expect(Double(squares).isNear(1, 1e-5) && index.itemScores[0] < index.itemScores[1])
    }
  }

  /// An item that too many took lists the newest of them.
  @Test func theNewestTakersAreListed() throws {
    let count = Limits.usersPerItemMax + 20
    let rows = (0..<count).flatMap { user in
      [
        Row(user: "u\(user)", item: "all", seconds: Int64(user)),
        Row(user: "u\(user)", item: "i\(user % 50)", seconds: Int64(user)),
      ]
    }
    let data = try Sample.interactions(rows)
    let table = UserNeighbourTrainer().train(data, pairs: data.confidencePairs(unit: 1))
    let newest = Set((20..<count).map { StableHash.of(Array("u\($0)".utf8)) })
    table.withIndex { index in
      let listed = (0..<Int(index.itemOffsets[1])).map { index.keys[Int(index.itemUsers[$0])] }
      #expect(Set(listed) == newest && listed == listed.sorted())
    }
  }

  /// Of a long history the newest items are kept.
  @Test func theNewestItemsAreKept() throws {
    let count = Limits.itemsPerIndexedUserMax + 5
    let data = try Sample.interactions((0..<count).map { Row(user: "u", item: "i\($0)", seconds: Int64($0)) })
    let table = UserNeighbourTrainer().train(data, pairs: data.confidencePairs(unit: 1))
    table.withIndex { index in #expect(Array(index.userRows) == (5..<UInt32(count)).map { $0 }) }
  }
}
