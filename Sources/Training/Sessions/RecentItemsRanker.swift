import Glibc

/// Scores the items of the query's own history: fade^distance for each occurrence, distance counted from the
/// end. Alone it recommends what was just looked at; in a blend it says how much repeats count.
package struct RecentItemsRanker: Ranker {
  package let itemCount: Int
  private let fade: Double

  package init(itemCount: Int, fade: Double) {
    self.itemCount = itemCount
    self.fade = fade
  }

  package func makeScratch() {}

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    output.update(repeating: 0, count: queries.count * itemCount)
    for (index, query) in queries.enumerated() {
      for (distance, item) in query.history.reversed().enumerated() {
        output[index * itemCount + Int(item)] += Float(pow(fade, Double(distance)))
      }
    }
  }
}
