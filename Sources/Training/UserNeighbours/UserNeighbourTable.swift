import Models
import Vocabulary

/// The user index in the trainer's memory.
package struct UserNeighbourTable: Sendable {
  private let keys: SharedArray<UInt64>
  private let userOffsets: SharedArray<UInt64>
  private let userRows: SharedArray<UInt32>
  private let userScores: SharedArray<Float>
  private let itemOffsets: SharedArray<UInt64>
  private let itemUsers: SharedArray<UInt32>
  private let itemScores: SharedArray<Float>
  private let itemWeights: SharedArray<Float>
  private let neighbours: Int
  /// The key of each user of the data, by the data's number.
  private let userKeys: [UInt64]

  /// REQUIRES: what `UserIndex` says of its arrays.
  package init(
    keys: [UInt64], userOffsets: [UInt64], userRows: [UInt32], userScores: [Float], itemOffsets: [UInt64],
    itemUsers: [UInt32], itemScores: [Float], itemWeights: [Float], neighbours: Int, userKeys: [UInt64]
  ) {
    self.keys = SharedArray(keys)
    self.userOffsets = SharedArray(userOffsets)
    self.userRows = SharedArray(userRows)
    self.userScores = SharedArray(userScores)
    self.itemOffsets = SharedArray(itemOffsets)
    self.itemUsers = SharedArray(itemUsers)
    self.itemScores = SharedArray(itemScores)
    self.itemWeights = SharedArray(itemWeights)
    self.neighbours = neighbours
    self.userKeys = userKeys
  }

  package var itemCount: Int { itemWeights.count }
  package var userCount: Int { keys.count }

  /// Calls `body` with the index; its pointers are valid during the call.
  package func withIndex<Result, Failure: Error>(_ body: (UserIndex) throws(Failure) -> Result)
    throws(Failure) -> Result
  {
    defer { withExtendedLifetime(self) {} }
    return try body(index)
  }

  /// Valid while this table, or a copy of it, is alive.
  package var index: UserIndex {
    UserIndex(
      keys: keys.elements, userOffsets: userOffsets.elements, userRows: userRows.elements,
      userScores: userScores.elements, itemOffsets: itemOffsets.elements, itemUsers: itemUsers.elements,
      itemScores: itemScores.elements, itemWeights: itemWeights.elements, neighbours: neighbours)
  }

  fileprivate func key(of user: Int?) -> UInt64? {
    user.flatMap { userKeys.indices.contains($0) ? userKeys[$0] : nil }
  }
}

/// Ranks by like users, found as the read path finds them.
package struct UserIndexRanker: Ranker {
  private let table: UserNeighbourTable

  package init(_ table: UserNeighbourTable) { self.table = table }

  package var itemCount: Int { table.itemCount }

  /// Unchecked because each belongs to one worker of a `ThreadPool`, which no two running tasks share.
  package final class Scratch: @unchecked Sendable {
    fileprivate let search = UserIndexScratch()
    fileprivate var rows: [UInt32] = []
    fileprivate var confidences: [Float] = []
  }

  package func makeScratch() -> Scratch { Scratch() }

  /// O(entries read + k · items of a user + items) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    let index = table.index
    output.update(repeating: 0, count: queries.count * itemCount)
    for (place, query) in queries.enumerated() {
      let scores = output + place * itemCount
      query.newestPairs(Limits.foldInItemsMax, into: &scratch.rows, &scratch.confidences)
      scratch.rows.withUnsafeBufferPointer { rows in
        scratch.confidences.withUnsafeBufferPointer { confidences in
          index.findNearest(
            rows: rows, confidences: confidences, except: table.key(of: query.user), scratch.search)
        }
      }
      for (user, weight) in zip(scratch.search.users, scratch.search.weights) {
        let (rows, values) = index.items(of: Int(user))
        for entry in rows.indices { scores[Int(rows[entry])] += weight * values[entry] }
      }
    }
  }
}

extension Query {
  /// The pairs of the newest `count` distinct items, as many as the read path folds in; all of them if there are no
  /// more. O(history) where they must be chosen.
  func newestPairs(_ count: Int, into rows: inout [UInt32], _ confidences: inout [Float]) {
    rows.removeAll(keepingCapacity: true)
    confidences.removeAll(keepingCapacity: true)
    var newest: Set<UInt32>?
    if pairItems.count > count {
      var chosen: Set<UInt32> = []
      for item in history.reversed() where chosen.count < count { chosen.insert(item) }
      newest = chosen
    }
    for place in pairItems.indices where newest?.contains(pairItems[place]) ?? true {
      rows.append(pairItems[place])
      confidences.append(pairConfidences[place])
    }
  }
}
