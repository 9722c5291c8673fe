import Kernels
import Vocabulary

/// An inverted index of users and the search for those like a history, over arrays wherever they lie: mapped from
/// a generation, or in the trainer's memory. The one arithmetic for both, so that what was measured is what serves.
///
/// The likeness of a history q and user v is the cosine of their confidences after each item was divided by a power
/// of its degree, up to the length of q, which is the same for all v:
///
///     sim(q, v) = Σ_i q_i w_i · x_vi,   x_vi = r_vi w_i / |r_v w|
///
/// over the entries of q's items, the rarest items first, as far as `Limits.userEntriesPerRequestMax` goes. The k
/// nearest say what they took: score(j) = Σ_v sim(q, v) t_vj / Σ_v sim(q, v) (Herlocker, Konstan, Borchers and
/// Riedl, SIGIR 1999; degrees as in Aiolli, RecSys 2013; the index and its cut to recent entries as in Jannach and
/// Ludewig, "When recurrent neural networks meet the neighborhood for session-based recommendation", RecSys 2017).
///
/// Pointers are valid while whoever made it keeps the arrays alive; hence not sendable.
package struct UserIndex {
  /// `StableHash` of each user's identifier, ascending: tells the asking user from the others.
  package let keys: UnsafeBufferPointer<UInt64>
  /// What user v took, with t_vj: `userRows[userOffsets[v] ..< userOffsets[v + 1]]`, ascending.
  package let userOffsets: UnsafeBufferPointer<UInt64>
  package let userRows: UnsafeBufferPointer<UInt32>
  package let userScores: UnsafeBufferPointer<Float>
  /// Who took item i, with x_vi: `itemUsers[itemOffsets[i] ..< itemOffsets[i + 1]]`, ascending.
  package let itemOffsets: UnsafeBufferPointer<UInt64>
  package let itemUsers: UnsafeBufferPointer<UInt32>
  package let itemScores: UnsafeBufferPointer<Float>
  /// w_i.
  package let itemWeights: UnsafeBufferPointer<Float>
  /// k.
  package let neighbours: Int

  /// REQUIRES: what the comments of the arrays say; `UserNeighbourModel` checks it for files.
  package init(
    keys: UnsafeBufferPointer<UInt64>, userOffsets: UnsafeBufferPointer<UInt64>,
    userRows: UnsafeBufferPointer<UInt32>, userScores: UnsafeBufferPointer<Float>,
    itemOffsets: UnsafeBufferPointer<UInt64>, itemUsers: UnsafeBufferPointer<UInt32>,
    itemScores: UnsafeBufferPointer<Float>, itemWeights: UnsafeBufferPointer<Float>, neighbours: Int
  ) {
    self.keys = keys
    self.userOffsets = userOffsets
    self.userRows = userRows
    self.userScores = userScores
    self.itemOffsets = itemOffsets
    self.itemUsers = itemUsers
    self.itemScores = itemScores
    self.itemWeights = itemWeights
    self.neighbours = neighbours
  }

  package var userCount: Int { keys.count }
  package var itemCount: Int { itemWeights.count }

  /// What user v took. O(1).
  package func items(of user: Int) -> (
    rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>
  ) {
    let range = Int(truncatingIfNeeded: userOffsets[user])..<Int(truncatingIfNeeded: userOffsets[user + 1])
    return (
      UnsafeBufferPointer(rebasing: userRows[range]), UnsafeBufferPointer(rebasing: userScores[range])
    )
  }

  /// What every user took.
  package var userLists: RowLists { RowLists(offsets: userOffsets, rows: userRows, scores: userScores) }

  private func entries(of row: Int) -> Range<Int> {
    Int(truncatingIfNeeded: itemOffsets[row])..<Int(truncatingIfNeeded: itemOffsets[row + 1])
  }

  /// Leaves in `scratch` the nearest users, nearest first, with weights that sum to one; none if nobody shares an
  /// item. What comes out depends on the set of items and not on their order. Allocates while the scratch warms up.
  /// O(entries read + history · log + entries · log k).
  ///
  /// - Parameters:
  ///   - rows: distinct items of the history, each below `itemCount`; at most `Limits.foldInItemsMax` and a
  ///     session's items.
  ///   - confidences: as many.
  ///   - key: of the user who asks, who is not their own neighbour; nil for one without a name.
  package func findNearest(
    rows: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, except key: UInt64?,
    _ scratch: UserIndexScratch
  ) {
    scratch.begin(users: userCount)
    for place in 0..<min(rows.count, confidences.count, Int(UInt16.max)) where confidences[place] > 0 {
      let row = Int(rows[place])
      guard row < itemCount else { continue }
      let count = entries(of: row).count
      if count > 0 { scratch.order.append(UInt64(count) << 48 | UInt64(row) << 16 | UInt64(place)) }
    }
    KeyOrder.sort(&scratch.order)
    var left = Limits.userEntriesPerRequestMax
    for packed in scratch.order {
      let place = Int(packed & 0xffff)
      let row = Int(rows[place])
      let range = entries(of: row)
      // All that follow have as many entries or more.
      if range.count > left { break }
      left -= range.count
      scratch.sums.add(
        UnsafeBufferPointer(rebasing: itemUsers[range]), UnsafeBufferPointer(rebasing: itemScores[range]),
        weight: confidences[place] * itemWeights[row])
    }
    if let key {
      var user = firstUser(from: key)
      while user < userCount, keys[user] == key {
        scratch.sums.strikeOut(user)
        user += 1
      }
    }
    scratch.chooseBest(neighbours)
  }

  /// The first user whose key is not below. O(log).
  private func firstUser(from key: UInt64) -> Int {
    var (low, high) = (0, userCount)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// x_vi, zero if user v is not listed under item i. O(log).
  package func share(of user: UInt32, in row: Int) -> Float {
    guard row < itemCount else { return 0 }
    let range = entries(of: row)
    guard let place = Self.place(of: user, in: itemUsers, range) else { return 0 }
    return itemScores[place]
  }

  /// t_vj, zero if user v did not take item j. O(log).
  package func score(of row: UInt32, by user: UInt32) -> Float {
    let range =
      Int(truncatingIfNeeded: userOffsets[Int(user)])..<Int(truncatingIfNeeded: userOffsets[Int(user) + 1])
    guard let place = Self.place(of: row, in: userRows, range) else { return 0 }
    return userScores[place]
  }

  private static func place(of value: UInt32, in values: UnsafeBufferPointer<UInt32>, _ range: Range<Int>)
    -> Int?
  {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && values[low] == value ? low : nil
  }
}
