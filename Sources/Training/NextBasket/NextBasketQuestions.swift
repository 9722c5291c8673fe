import Vocabulary

extension TemporalSplit {
  /// What is in the first basket after the boundary, for data with repeats: what a user had is a candidate like all
  /// else, and coming back to it is right. A basket is one moment, one session or a stretch without a long pause.
  ///
  /// - Parameter data: what was split. O(events).
  package func nextBaskets(_ data: Interactions, seed: UInt64) -> EvaluationSet {
    let pairs = train.confidencePairs(unit: train.meanPositiveWeight)
    var asked: [Int] = []
    var baskets: [[UInt32]] = []
    for user in 0..<data.userCount where !pairs.pairs(of: user).isEmpty {
      var basket: [UInt32] = []
      var last: Int?
      for event in data.events(of: user)
      where data.eventWeight[event] > 0 && data.eventTime[event] >= boundary {
        if let last, !Baskets.belong(data, last, event) { break }
        basket.append(data.eventItem[event])
        last = event
      }
      if basket.isEmpty { continue }
      asked.append(user)
      baskets.append(basket)
    }
    if asked.count > Self.queriesMax {
      let drawn = asked.indices.sorted {
        (StableHash.of(data.users[asked[$0]].bytes, seed: seed), $0) < (
          StableHash.of(data.users[asked[$1]].bytes, seed: seed), $1
        )
      }.prefix(Self.queriesMax).sorted()
      (asked, baskets) = (drawn.map { asked[$0] }, drawn.map { baskets[$0] })
    }
    return EvaluationSet(
      users: asked,
      histories: asked.map { user in
        train.events(of: user).filter { train.eventWeight[$0] > 0 }.map { train.eventItem[$0] }
      },
      pairs: asked.map { user in
        pairs.pairs(of: user).map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }
      },
      relevant: baskets, itemCount: data.itemCount, seenRule: .allowed)
  }
}
