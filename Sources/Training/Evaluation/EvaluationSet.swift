import Vocabulary

/// What becomes of items a user already has when the rest is ranked.
package enum SeenRule: String, Sendable, Hashable {
  /// They are no candidates, and taking them again counts for nobody.
  case excluded
  /// They are candidates like all others.
  case allowed
}

/// Queries with the items that turned out to be right: what a model is asked, and what it must say.
package struct EvaluationSet: Sendable {
  /// Number of each query's user in the training data, or nil.
  package let users: [Int?]
  package let historyStart: [Int]
  package let history: [UInt32]
  /// Row q: distinct items of query q with confidences; also what `SeenRule.excluded` removes.
  package let pairs: PairMatrix
  package let relevantStart: [Int]
  /// Distinct, ascending within a query.
  package let relevant: [UInt32]
  package let seenRule: SeenRule

  package var count: Int { users.count }
  package var itemCount: Int { pairs.columnCount }

  /// - Parameters:
  ///   - histories: items of each query's events, oldest first.
  ///   - relevant: items that are right for each query; with `SeenRule.excluded` those of the pairs are
  ///     dropped. Queries without any left are dropped too.
  package init(
    users: [Int?], histories: [[UInt32]], pairs: [[(item: UInt32, confidence: Float)]],
    relevant: [[UInt32]], itemCount: Int, seenRule: SeenRule
  ) {
    var keptUsers: [Int?] = []
    var history: [UInt32] = []
    var (historyStart, pairStart, relevantStart) = ([0], [0], [0])
    var (pairItems, confidences, kept): ([UInt32], [Float], [UInt32]) = ([], [], [])
    for query in users.indices {
      let owned = Set(pairs[query].map(\.item))
      let right = Set(relevant[query]).filter { seenRule == .allowed || !owned.contains($0) }.sorted()
      if right.isEmpty { continue }
      keptUsers.append(users[query])
      history.append(contentsOf: histories[query])
      historyStart.append(history.count)
      for pair in pairs[query].sorted(by: { $0.item < $1.item }) {
        pairItems.append(pair.item)
        confidences.append(pair.confidence)
      }
      pairStart.append(pairItems.count)
      kept.append(contentsOf: right)
      relevantStart.append(kept.count)
    }
    self.users = keptUsers
    self.history = history
    self.historyStart = historyStart
    self.pairs = PairMatrix(
      rowStart: pairStart, columns: pairItems, confidences: confidences, columnCount: itemCount)
    self.relevant = kept
    self.relevantStart = relevantStart
    self.seenRule = seenRule
  }
}
