import Models
import Testing
import Vocabulary

/// A user index written out by hand: every item weighs one, a user's vector is what they took, each thing once.
struct HandIndex {
  private var keys: [UInt64] = []
  private var userOffsets: [UInt64] = [0]
  private var userRows: [UInt32] = []
  private var userScores: [Float] = []
  private var itemOffsets: [UInt64] = [0]
  private var itemUsers: [UInt32] = []
  private var itemScores: [Float] = []
  private let itemCount: Int
  private let neighbours: Int

  init(_ users: [(name: String, items: [(String, Float)])], rows: [String: Int], neighbours: Int) throws {
    itemCount = rows.count
    self.neighbours = neighbours
    let ordered = users.map { (key: StableHash.of(Array($0.name.utf8)), items: $0.items) }
      .sorted { $0.key < $1.key }
    var takers = [[(UInt32, Float)]](repeating: [], count: rows.count)
    for (number, user) in ordered.enumerated() {
      keys.append(user.key)
      let taken = try user.items.map { (try #require(rows[$0.0]), $0.1) }.sorted { $0.0 < $1.0 }
      for (row, score) in taken {
        userRows.append(UInt32(row))
        userScores.append(score)
        takers[row].append((UInt32(number), 1 / Float(taken.count).squareRoot()))
      }
      userOffsets.append(UInt64(userRows.count))
    }
    for list in takers {
      for (user, share) in list {
        itemUsers.append(user)
        itemScores.append(share)
      }
      itemOffsets.append(UInt64(itemUsers.count))
    }
  }

  func write(_ writer: GenerationWriter) throws {
    let weights = [Float](repeating: 1, count: itemCount)
    try keys.withUnsafeBufferPointer { keys in
      try userOffsets.withUnsafeBufferPointer { userOffsets in
        try userRows.withUnsafeBufferPointer { userRows in
          try userScores.withUnsafeBufferPointer { userScores in
            try itemOffsets.withUnsafeBufferPointer { itemOffsets in
              try itemUsers.withUnsafeBufferPointer { itemUsers in
                try itemScores.withUnsafeBufferPointer { itemScores in
                  try weights.withUnsafeBufferPointer { weights in
                    try writer.addUserNeighbours(
                      UserIndex(
                        keys: keys, userOffsets: userOffsets, userRows: userRows, userScores: userScores,
                        itemOffsets: itemOffsets, itemUsers: itemUsers, itemScores: itemScores,
                        itemWeights: weights, neighbours: neighbours))
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
