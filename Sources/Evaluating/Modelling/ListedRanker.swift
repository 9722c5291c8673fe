import Training

/// Ranks as lists made elsewhere do. What a list does not name has nothing said for it, and so stands behind.
struct ListedRanker: Ranker {
  let itemCount: Int
  private let lists: ListsFile

  init(_ lists: ListsFile, itemCount: Int) {
    self.lists = lists
    self.itemCount = itemCount
  }

  func makeScratch() {}

  /// O(items).
  func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      scores.update(repeating: 0, count: itemCount)
      guard let user = query.user else { continue }
      let list = lists.items[user]
      for (rank, item) in list.enumerated() where item != ListsFile.unknown {
        scores[Int(item)] = Float(list.count - rank)
      }
    }
  }
}
