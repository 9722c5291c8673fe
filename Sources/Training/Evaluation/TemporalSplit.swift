import Vocabulary

/// A hold-out in time: models learn from what came before a moment and are asked about what came after.
///
/// It is the only split that cannot leak: nothing from the future, of any user, is known when a question is
/// asked (Ji, Sun, Zhang and Li, "On offline evaluation of recommender systems", 2020).
package struct TemporalSplit: Sendable {
  /// First moment held out, microseconds since 1970.
  package let boundary: Int64
  package let train: Interactions
  package let test: EvaluationSet
  /// Positive events held out.
  package let testEvents: Int
  /// Users with held-out events who are not asked about, because nothing of theirs came before.
  package let usersWithoutHistory: Int

  /// Queries at most; more tell nothing new. Users are drawn by hash, so the draw is stable.
  package static let queriesMax = 20_000

  /// - Parameters:
  ///   - share: of the positive events that are held out, above 0 and below 1.
  ///   - seed: for the draw of users.
  /// - Returns: nil if no moment parts the data in two, for instance because all events have one time.
  ///   O(events · log).
  package init?(_ data: Interactions, share: Double, seenRule: SeenRule, seed: UInt64) {
    var times: [Int64] = []
    times.reserveCapacity(data.eventCount)
    for event in 0..<data.eventCount where data.eventWeight[event] > 0 { times.append(data.eventTime[event]) }
    times.sort()
    guard let oldest = times.first else { return nil }
    let place = min(times.count - 1, max(0, Int(Double(times.count) * (1 - share))))
    let boundary = times[place]
    if boundary == oldest { return nil }
    self.init(data, boundary: boundary, seenRule: seenRule, seed: seed)
  }

  /// - Parameters:
  ///   - boundary: first moment held out.
  ///   - seed: for the draw of users.
  /// - Returns: nil without a positive event before it. O(events · log).
  package init?(_ data: Interactions, boundary: Int64, seenRule: SeenRule, seed: UInt64) {
    let isFitting = (0..<data.eventCount).contains {
      data.eventWeight[$0] > 0 && data.eventTime[$0] < boundary
    }
    if !isFitting { return nil }
    self.boundary = boundary
    train = data.filtered { data.eventTime[$0] < boundary }

    let pairs = train.confidencePairs(unit: train.meanPositiveWeight)
    var asked: [Int] = []
    var (held, strangers) = (0, 0)
    for user in 0..<data.userCount {
      let count = data.events(of: user).reduce(0) {
        $0 + (data.eventWeight[$1] > 0 && data.eventTime[$1] >= boundary ? 1 : 0)
      }
      held += count
      if count == 0 { continue }
      if pairs.pairs(of: user).isEmpty { strangers += 1 } else { asked.append(user) }
    }
    testEvents = held
    usersWithoutHistory = strangers
    if asked.count > Self.queriesMax {
      let drawn = asked.sorted {
        (StableHash.of(data.users[$0].bytes, seed: seed), $0) < (
          StableHash.of(data.users[$1].bytes, seed: seed), $1
        )
      }
      asked = drawn.prefix(Self.queriesMax).sorted()
    }
    let train = train
    test = EvaluationSet(
      users: asked,
      histories: asked.map { user in
        train.events(of: user).filter { train.eventWeight[$0] > 0 }.map { train.eventItem[$0] }
      },
      pairs: asked.map { user in
        pairs.pairs(of: user).map { (item: pairs.columns[$0], confidence: pairs.confidences[$0]) }
      },
      relevant: asked.map { user in
        data.events(of: user).filter { data.eventWeight[$0] > 0 && data.eventTime[$0] >= boundary }
          .map { data.eventItem[$0] }
      },
      itemCount: data.itemCount, seenRule: seenRule)
  }
}
