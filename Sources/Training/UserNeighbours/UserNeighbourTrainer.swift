import Glibc
import Models
import Vocabulary

/// Builds the user index of a generation. `UserIndex` has the arithmetic and the papers; nothing is fitted, so
/// training is a matter of laying out.
package struct UserNeighbourTrainer: Sendable {
  /// k.
  package var neighbours = 200
  /// An item's degree to this power divides its share in the likeness.
  package var itemExponent = 0.5
  /// Age, before the user's own newest event, at which what a user took says half as much for it; nil lets all ages
  /// count alike. For data with repeats: then an entry is the decayed frequency of the next-basket recommendation
  /// of Hu, He, Gao and Zhang (TIFU-KNN, SIGIR 2020), whose own half is the read path's source `repeats`.
  package var halfLifeDays: Double?

  package init() {}

  /// O(pairs · log). Memory: `bytes`.
  ///
  /// - Parameter pairs: users by items with confidences, of the same interactions.
  package func train(_ data: Interactions, pairs: PairMatrix) -> UserNeighbourTable {
    let said = halfLifeDays.map { data.agedByUser(pairs, halfLifeDays: $0) } ?? pairs
    let times = data.newestTimes(pairs)
    let weights = DegreePowers.inverse(DegreePowers(pairs).columns, exponent: itemExponent / 2)
    // Who took one thing only shares all they are with everybody who took it, and has nothing to add.
    let users = (0..<pairs.rowCount).filter { pairs.pairs(of: $0).count >= 2 }
      .map { (key: StableHash.of(data.users[$0].bytes), user: $0) }
      .sorted { ($0.key, $0.user) < ($1.key, $1.user) }

    var rowStart: [UInt64] = [0]
    var (rows, scores): ([UInt32], [Float]) = ([], [])
    var listed = [Int](repeating: 0, count: pairs.columnCount + 1)
    var kept: [Int] = []
    for (_, user) in users {
      let range = pairs.pairs(of: user)
      kept.removeAll(keepingCapacity: true)
      kept.append(contentsOf: range)
      if range.count > Limits.itemsPerIndexedUserMax {
        kept.sort { (times[$0], $1) > (times[$1], $0) }
        kept.removeLast(kept.count - Limits.itemsPerIndexedUserMax)
        kept.sort()
      }
      for pair in kept {
        rows.append(pairs.columns[pair])
        scores.append(said.confidences[pair])
        listed[Int(pairs.columns[pair]) + 1] += 1
      }
      rowStart.append(UInt64(rows.count))
    }

    // The other way round: under each item its users, in the order of their numbers.
    for item in 0..<pairs.columnCount { listed[item + 1] += listed[item] }
    var next = listed
    var takers = [UInt32](repeating: 0, count: rows.count)
    var takerPair = [Int](repeating: 0, count: rows.count)
    var lengths: [Float] = []
    for (number, entry) in users.enumerated() {
      let range = pairs.pairs(of: entry.user)
      let square = range.reduce(Float(0)) {
        let value = pairs.confidences[$1] * weights[Int(pairs.columns[$1])]
        return $0 + value * value
      }
      lengths.append(square.squareRoot())
      for place in Int(rowStart[number])..<Int(rowStart[number + 1]) {
        guard let pair = pairs.place(of: rows[place], in: range) else { continue }
        let item = Int(rows[place])
        takers[next[item]] = UInt32(truncatingIfNeeded: number)
        takerPair[next[item]] = pair
        next[item] += 1
      }
    }
    var itemStart: [UInt64] = [0]
    var (itemUsers, itemScores): ([UInt32], [Float]) = ([], [])
    for item in 0..<pairs.columnCount {
      kept.removeAll(keepingCapacity: true)
      kept.append(contentsOf: listed[item]..<listed[item + 1])
      if kept.count > Limits.usersPerItemMax {
        kept.sort { (times[takerPair[$0]], $1) > (times[takerPair[$1]], $0) }
        kept.removeLast(kept.count - Limits.usersPerItemMax)
        kept.sort()
      }
      for place in kept {
        let length = lengths[Int(takers[place])]
        itemUsers.append(takers[place])
        itemScores.append(length > 0 ? pairs.confidences[takerPair[place]] * weights[item] / length : 0)
      }
      itemStart.append(UInt64(itemUsers.count))
    }
    return UserNeighbourTable(
      keys: users.map(\.key), userOffsets: rowStart, userRows: rows, userScores: scores,
      itemOffsets: itemStart, itemUsers: itemUsers, itemScores: itemScores, itemWeights: weights,
      neighbours: neighbours, userKeys: data.users.map { StableHash.of($0.bytes) })
  }

  /// Peak bytes beyond the pairs: times and faded copy, the lists while they grow (twice), the table, and the
  /// scratch of so many threads.
  package static func bytes(pairs: Int, users: Int, items: Int, threads: Int) -> UInt64 {
    let (p, u, n) = (UInt64(pairs), UInt64(users), UInt64(items))
    return (8 + 4 + 2 * 8 + 12 + 2 * 8 + 16) * p + 96 * u + 48 * n + UInt64(threads) * (8 * u + 4 * n)
  }
}
