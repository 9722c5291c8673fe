import Kernels
import Training

/// Ranks by the factors of both sides as training left them: the one thing that can be compared between trainers.
struct StoredFactors: Ranker {
  let users: [Float]
  let items: [Float]
  private let dimensions: Int
  let itemCount: Int

  /// Nil if the two are not factors of the rows and columns of `pairs`.
  init?(users: [Float], items: [Float], _ pairs: PairMatrix) {
    dimensions = pairs.columnCount > 0 ? items.count / pairs.columnCount : 0
    guard dimensions > 0, items.count == dimensions * pairs.columnCount,
      users.count == dimensions * pairs.rowCount
    else { return nil }
    self.users = users
    self.items = items
    itemCount = pairs.columnCount
  }

  func makeScratch() {}

  func score(_ queries: [Query], into scores: UnsafeMutablePointer<Float>, scratch: Void) {
    for (place, query) in queries.enumerated() {
      let row = UnsafeMutableBufferPointer(start: scores + place * itemCount, count: itemCount)
      guard let user = query.user else {
        row.update(repeating: 0)
        continue
      }
      users.withUnsafeBufferPointer { users in
        items.withUnsafeBufferPointer { items in
          let vector = UnsafeBufferPointer(rebasing: users[user * dimensions..<(user + 1) * dimensions])
          Scoring.scoreRows(items, vector, into: row)
        }
      }
    }
  }
}
