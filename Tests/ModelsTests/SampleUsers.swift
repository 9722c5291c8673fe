import Models
import Vocabulary

/// A small user index, to be spoilt one part at a time.
struct SampleUsers {
  var keys: [UInt64] = []
  var userOffsets: [UInt64] = [0]
  var userRows: [UInt32] = []
  var userScores: [Float] = []
  var itemOffsets: [UInt64] = [0]
  var itemUsers: [UInt32] = []
  var itemScores: [Float] = []
  var itemWeights: [Float] = []
  var neighbours = 3

  /// Every user takes a random few of the items; the shares are random, too, so that no two users are equally near.
  init(users: Int, items: Int, perUser: Int = 5, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    keys = (0..<users).map { _ in random.next() }.sorted()
    var takers = [[(UInt32, Float)]](repeating: [], count: items)
    for user in 0..<users {
      let taken = (0..<UInt32(items)).shuffled(using: &random).prefix(perUser).sorted()
      for row in taken {
        userRows.append(row)
        userScores.append(Float.random(in: 0.1...1, using: &random))
        takers[Int(row)].append((UInt32(user), Float.random(in: 0.1...1, using: &random)))
      }
      userOffsets.append(UInt64(userRows.count))
    }
    for list in takers {
      itemUsers += list.map(\.0)
      itemScores += list.map(\.1)
      itemOffsets.append(UInt64(itemUsers.count))
    }
    itemWeights = (0..<items).map { _ in Float.random(in: 0.5...2, using: &random) }
  }

  func withIndex<Result>(_ body: (UserIndex) throws -> Result) rethrows -> Result {
    try keys.withUnsafeBufferPointer { keys in
      try userOffsets.withUnsafeBufferPointer { userOffsets in
        try userRows.withUnsafeBufferPointer { userRows in
          try userScores.withUnsafeBufferPointer { userScores in
            try itemOffsets.withUnsafeBufferPointer { itemOffsets in
              try itemUsers.withUnsafeBufferPointer { itemUsers in
                try itemScores.withUnsafeBufferPointer { itemScores in
                  try itemWeights.withUnsafeBufferPointer { itemWeights in
                    try body(
                      UserIndex(
                        keys: keys, userOffsets: userOffsets, userRows: userRows, userScores: userScores,
                        itemOffsets: itemOffsets, itemUsers: itemUsers, itemScores: itemScores,
                        itemWeights: itemWeights, neighbours: neighbours))
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
