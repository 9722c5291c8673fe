import Glibc
import Training

/// Scores bundles by walks of two steps through who has what: every step divides by a power of how many others it could
/// have taken, so that what everybody has says little.
struct BundleWalk: Ranker {
  /// Which way, b being the bundle scored.
  enum Way: Sendable {
    /// From the user's bundles over their members: Σ_b' Σ_{m in b, b'} 1 / (n(m) √(|b| |b'|)).
    case overMembers
    /// From the user's members: Σ_{m in b} 1 / (n(m)^0.6 √|b|), n counting the users and the bundles with m.
    case overOwned
    /// From the user's members over users who have them: Σ_m Σ_{v with m and b} 1 / (n(m) √(|v| · |bundles of v|) √n(b)).
    case overUsers
  }

  private let data: BundleData
  private let holders: PairMatrix
  private let takers: PairMatrix
  private let pairs: PairMatrix
  private let popularity: [Float]
  private let way: Way

  /// O(pairs).
  init(_ data: BundleData, _ pairs: PairMatrix, way: Way) {
    self.data = data
    self.pairs = pairs
    self.way = way
    holders = data.members.transposed()
    takers = data.owned.transposed()
    var counts = [Float](repeating: 0, count: pairs.columnCount)
    for column in pairs.columns { counts[Int(column)] += 1 }
    popularity = counts
  }

  var itemCount: Int { pairs.columnCount }
  func makeScratch() {}

  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (number, query) in queries.enumerated() {
      let scores = output + number * itemCount
      scores.update(repeating: 0, count: itemCount)
      switch way {
      case .overMembers:
        for bundle in query.pairItems { walkMembers(from: Int(bundle), scores) }
      case .overOwned:
        for member in owned(by: query) {
          let users = Float(takers.pairs(of: member).count)
          let weight = 1 / pow(max(1, users + Float(holders.pairs(of: member).count)), 0.6)
          for place in holders.pairs(of: member) {
            let bundle = Int(holders.columns[place])
            scores[bundle] += weight / Float(data.members.pairs(of: bundle).count).squareRoot()
          }
        }
      case .overUsers:
        for member in owned(by: query) { walkUsers(from: member, except: query.user, scores) }
      }
    }
  }

  private func owned(by query: Query) -> [Int] {
    guard let user = query.user, user < data.owned.rowCount else { return [] }
    return data.owned.pairs(of: user).map { Int(data.owned.columns[$0]) }
  }

  private func walkMembers(from bundle: Int, _ scores: UnsafeMutablePointer<Float>) {
    guard bundle < data.members.rowCount else { return }
    let mine = data.members.pairs(of: bundle)
    for place in mine {
      let others = holders.pairs(of: Int(data.members.columns[place]))
      for holder in others {
        let other = Int(holders.columns[holder])
        let sizes = Float(mine.count * data.members.pairs(of: other).count)
        scores[other] += 1 / (Float(others.count) * sizes.squareRoot())
      }
    }
  }

  private func walkUsers(from member: Int, except user: Int?, _ scores: UnsafeMutablePointer<Float>) {
    let users = takers.pairs(of: member)
    for place in users {
      let other = Int(takers.columns[place])
      guard other != user, other < pairs.rowCount else { continue }
      let bundles = pairs.pairs(of: other)
      let sizes = Float(data.owned.pairs(of: other).count * bundles.count)
      for taken in bundles {
        let bundle = Int(pairs.columns[taken])
        scores[bundle] += 1 / (Float(users.count) * (sizes * popularity[bundle]).squareRoot())
      }
    }
  }

}

/// `UserNeighbourRanker` on bundles and members side by side: users are alike who took the same of either.
struct BundleUserRanker: Ranker {
  private let inner: UserNeighbourRanker
  private let owned: PairMatrix
  private let bundleCount: Int
  private let weight: Float

  /// O(pairs).
  init(_ data: BundleData, _ pairs: PairMatrix, neighbours: Int, weight: Float, exponent: Double) {
    owned = data.owned
    bundleCount = pairs.columnCount
    self.weight = weight
    var (start, columns, values) = ([0], [UInt32](), [Float]())
    for user in 0..<pairs.rowCount {
      for place in pairs.pairs(of: user) {
        columns.append(pairs.columns[place])
        values.append(pairs.confidences[place])
      }
      Self.append(data.owned, of: user, after: bundleCount, weight, &columns, &values)
      start.append(columns.count)
    }
    var settings = UserNeighbourRanker.Settings()
    settings.neighbours = neighbours
    settings.similarityExponent = exponent
    inner = UserNeighbourRanker(
      PairMatrix(
        rowStart: start, columns: columns, confidences: values, columnCount: bundleCount + data.memberCount),
      settings: settings)
  }

  private static func append(
    _ owned: PairMatrix, of user: Int, after count: Int, _ weight: Float, _ columns: inout [UInt32],
    _ values: inout [Float]
  ) {
    guard weight > 0, user < owned.rowCount else { return }
    for place in owned.pairs(of: user) {
      columns.append(UInt32(truncatingIfNeeded: count) + owned.columns[place])
      values.append(weight)
    }
  }

  var itemCount: Int { bundleCount }

  func makeScratch() -> UserNeighbourRanker.Scratch { inner.makeScratch() }

  func score(
    _ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: UserNeighbourRanker.Scratch
  ) {
    var wide = [Float](repeating: 0, count: inner.itemCount)
    for (number, query) in queries.enumerated() {
      var (columns, values) = (Array(query.pairItems), Array(query.pairConfidences))
      if let user = query.user { Self.append(owned, of: user, after: bundleCount, weight, &columns, &values) }
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          wide.withUnsafeMutableBufferPointer { wide in
            guard let base = wide.baseAddress else { return }
            let asked = Query(
              user: query.user, history: query.history, pairItems: columns, pairConfidences: values)
            inner.score([asked], into: base, scratch: scratch)
            (output + number * bundleCount).update(from: base, count: bundleCount)
          }
        }
      }
    }
  }
}
