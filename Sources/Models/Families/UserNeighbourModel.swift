import Vocabulary

/// The user index of a generation: who took what, to find users like a live one. See `UserIndex`.
package struct UserNeighbourModel: Sendable {
  static let family = "user-neighbours"
  static let neighboursKey = "neighbours"
  package let userCount: Int
  package let itemCount: Int
  /// k.
  package let neighbours: Int
  /// Numbers it was trained with, such as the half-life.
  package let parameters: [String: Double]
  private let memory: GenerationMemory
  private let keys: ArrayView<UInt64>
  private let userOffsets: ArrayView<UInt64>
  private let userRows: ArrayView<UInt32>
  private let userScores: ArrayView<Float>
  private let itemOffsets: ArrayView<UInt64>
  private let itemUsers: ArrayView<UInt32>
  private let itemScores: ArrayView<Float>
  private let itemWeights: ArrayView<Float>

  /// Checks shapes, order, ranges and finiteness. O(entries).
  init(_ files: ModelFiles, items: UInt64) throws(ModelFault) {
    itemCount = Int(clamping: items)
    memory = files.memory
    parameters = files.info.parameters
    let count = try files.parameter(Self.neighboursKey, atLeast: 1)
    guard let neighbours = Int(exactly: count), neighbours <= Limits.similarUsersMax else {
      throw files.fault("rests on \(count) like users; 1 to \(Limits.similarUsersMax) are possible.")
    }
    self.neighbours = neighbours
    let (keys, shape) = try files.array("keys", of: UInt64.self, shape: [nil])
    self.keys = keys
    userCount = shape[0]
    guard userCount < UInt32.max else { throw files.fault("has \(userCount) users.", "keys") }
    userOffsets = try files.array("user-offsets", of: UInt64.self, shape: [userCount + 1]).view
    userRows = try files.array("user-rows", of: UInt32.self, shape: [nil]).view
    userScores = try files.array("user-scores", of: Float.self, shape: [userRows.count]).view
    itemOffsets = try files.array("item-offsets", of: UInt64.self, shape: [itemCount + 1]).view
    itemUsers = try files.array("item-users", of: UInt32.self, shape: [nil]).view
    itemScores = try files.array("item-scores", of: Float.self, shape: [itemUsers.count]).view
    itemWeights = try files.array("item-weights", of: Float.self, shape: [itemCount]).view
    for place in 1..<max(1, userCount) where self.keys[place] < self.keys[place - 1] {
      throw files.fault("falls at element \(place).", "keys")
    }
    try Self.check(
      files, userOffsets, userRows, of: itemCount, atMost: Limits.itemsPerIndexedUserMax, "user-offsets",
      "user-rows")
    try Self.check(
      files, itemOffsets, itemUsers, of: userCount, atMost: Limits.usersPerItemMax, "item-offsets",
      "item-users")
    for (values, role) in [
      (userScores, "user-scores"), (itemScores, "item-scores"), (itemWeights, "item-weights"),
    ] {
      try files.checkFinite(values.elements, role)
      if let place = values.elements.firstIndex(where: { $0 < 0 }) {
        throw files.fault("holds \(values[place]) at element \(place), which is below zero.", role)
      }
    }
  }

  /// Rows of ascending numbers below `count`, each no longer than `most`.
  private static func check(
    _ files: ModelFiles, _ offsets: ArrayView<UInt64>, _ numbers: ArrayView<UInt32>, of count: Int,
    atMost most: Int, _ offsetsRole: String, _ role: String
  ) throws(ModelFault) {
    try files.checkOffsets(offsets.elements, total: numbers.count, offsetsRole)
    for row in 0..<max(0, offsets.count - 1) {
      // Offsets were checked, so they are within the array.
      let range = Int(truncatingIfNeeded: offsets[row])..<Int(truncatingIfNeeded: offsets[row + 1])
      if range.count > most {
        throw files.fault("gives row \(row) \(range.count) entries; at most \(most) are read.", offsetsRole)
      }
      var before: UInt32?
      for place in range {
        let number = numbers[place]
        guard Int(number) < count else { throw files.fault("holds \(number) of \(count).", role) }
        if let before, number <= before {
          throw files.fault("does not rise within row \(row), at element \(place).", role)
        }
        before = number
      }
    }
  }

  /// The index; valid while this model or its generation is alive.
  package var index: UserIndex {
    UserIndex(
      keys: keys.elements, userOffsets: userOffsets.elements, userRows: userRows.elements,
      userScores: userScores.elements, itemOffsets: itemOffsets.elements, itemUsers: itemUsers.elements,
      itemScores: itemScores.elements, itemWeights: itemWeights.elements, neighbours: neighbours)
  }
}
