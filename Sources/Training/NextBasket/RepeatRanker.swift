import Glibc
import Vocabulary

/// Ranks what a user had before by count · 2^(−age / 30 days), ages counted from the user's own newest event: what
/// the read path's source `repeats` does with the live state.
///
/// The decayed personal frequency is a baseline that next-basket models seldom beat (Li, Jullien, Ariannezhad and
/// de Rijke, "A next basket recommendation reality check", ACM TOIS 2023).
package struct RepeatRanker: Ranker {
  /// Days after which one contact counts half; `RepeatSource` in Serving has the same number.
  package static let halfLifeDays = 30.0

  /// Row u: the user's items with their decayed counts.
  private let counts: PairMatrix

  /// O(events · log).
  package init(_ data: Interactions) {
    let pairs = data.weightPairs()
    var counts = [Float](repeating: 0, count: pairs.pairCount)
    for user in 0..<data.userCount {
      let range = pairs.pairs(of: user)
      for event in data.events(of: user) where data.eventWeight[event] > 0 {
        if let place = pairs.place(of: data.eventItem[event], in: range) { counts[place] += 1 }
      }
    }
    self.counts = data.agedByUser(
      PairMatrix(
        rowStart: pairs.rowStart, columns: pairs.columns, confidences: counts,
        columnCount: pairs.columnCount), halfLifeDays: Self.halfLifeDays)
  }

  package var itemCount: Int { counts.columnCount }
  package func makeScratch() {}

  /// O(items) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    output.update(repeating: 0, count: queries.count * itemCount)
    for (place, query) in queries.enumerated() {
      for (row, score) in best(query) { output[place * itemCount + Int(row)] = score }
    }
  }

  /// The user's items, best first; at equal scores the lower row. Empty for users it does not know.
  func best(_ query: Query) -> [(row: UInt32, score: Float)] {
    guard let user = query.user, user < counts.rowCount else { return [] }
    return counts.pairs(of: user).map { (row: counts.columns[$0], score: counts.confidences[$0]) }
      .sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
  }
}
