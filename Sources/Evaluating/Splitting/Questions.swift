import Training
import Vocabulary

/// What models are asked and what is right. Differs from `EvaluationSet` in that nothing is left out: right items
/// nobody can know stay and count as missed, and the candidates of a question may be given.
package struct Questions: Sendable {
  /// Number of each question's user in the fit data; nil for one without history there.
  package private(set) var users: [Int?] = []
  package private(set) var historyStart = [0]
  /// Oldest first, repeats included.
  package private(set) var history: [UInt32] = []
  package private(set) var pairStart = [0]
  package private(set) var pairItems: [UInt32] = []
  package private(set) var pairConfidences: [Float] = []
  package private(set) var relevantStart = [0]
  /// Right items that are candidates, distinct.
  package private(set) var relevant: [UInt32] = []
  /// For each question the right items that are no candidates: unseen in training, or had already.
  package private(set) var missed: [Int] = []
  package private(set) var candidateStart: [Int]?
  /// Wrong candidates, if they are given.
  package private(set) var candidates: [UInt32] = []

  package let seenRule: SeenRule
  package let itemCount: Int

  /// Right items that no fit event has.
  package private(set) var unknownItems = 0
  /// Right items their user already had.
  package private(set) var repeatedItems = 0
  /// Right items that stand twice for one user.
  package private(set) var duplicates = 0
  /// Questions of users without history.
  package private(set) var coldUsers = 0
  /// Questions left out because nothing is right, by `RepeatRule.drop` or the caller.
  package private(set) var leftOut = 0

  package var count: Int { users.count }

  init(seenRule: SeenRule, itemCount: Int) {
    self.seenRule = seenRule
    self.itemCount = itemCount
  }

  /// Users with events in `asked`, in the order of their numbers.
  init(
    asked: EventTable, fit: FitData, seenRule: SeenRule, repeats: RepeatRule, dropsCold: Bool = false,
    userCount: Int
  ) {
    self.init(seenRule: seenRule, itemCount: fit.itemCount)
    let (start, order) = asked.byUser(userCount: userCount)
    for user in 0..<userCount where start[user + 1] > start[user] {
      add(
        user: user, right: order[start[user]..<start[user + 1]].map { asked.items[$0] }, fit: fit,
        repeats: repeats, dropsCold: dropsCold)
    }
  }

  /// Open sessions.
  init(sessions: [OpenSession], fit: FitData, seenRule: SeenRule, repeats: RepeatRule) {
    self.init(seenRule: seenRule, itemCount: fit.itemCount)
    for session in sessions {
      var counts: [UInt32: Float] = [:]
      for item in session.prefix { counts[item, default: 0] += 1 }
      let pairs = counts.sorted { $0.key < $1.key }
      close(
        user: nil, history: session.prefix,
        pairs: pairs.map { ($0.key, Confidence.of(weight: $0.value, unit: 1)) }, right: [session.target],
        fit: fit, repeats: repeats)
    }
  }

  /// One right item against given candidates each.
  init(candidates questions: [NegativesFile.Question], fit: FitData) {
    self.init(seenRule: .allowed, itemCount: fit.itemCount)
    candidateStart = [0]
    for question in questions {
      add(user: Int(question.user), right: [question.item], fit: fit, repeats: .miss, dropsCold: false)
      candidates += question.others
      candidateStart?.append(candidates.count)
    }
  }

  private mutating func add(user: Int, right: [UInt32], fit: FitData, repeats: RepeatRule, dropsCold: Bool) {
    let events = fit.interactions.events(of: user)
    if events.isEmpty {
      if dropsCold {
        leftOut += 1
        return
      }
      coldUsers += 1
    }
    close(
      user: events.isEmpty ? nil : user, history: Array(fit.interactions.eventItem[events]),
      pairs: fit.pairs.pairs(of: user).map { (fit.pairs.columns[$0], fit.pairs.confidences[$0]) },
      right: right, fit: fit, repeats: repeats)
  }

  private mutating func close(
    user: Int?, history: [UInt32], pairs: [(UInt32, Float)], right: [UInt32], fit: FitData,
    repeats: RepeatRule
  ) {
    let owned = seenRule == .excluded ? Set(pairs.map(\.0)) : []
    var taken: Set<UInt32> = []
    var known: [UInt32] = []
    var lost = 0
    for item in right {
      if !taken.insert(item).inserted {
        duplicates += 1
      } else if owned.contains(item) {
        repeatedItems += 1
        if repeats == .miss { lost += 1 }
      } else if !fit.isKnown[Int(item)] {
        unknownItems += 1
        lost += 1
      } else {
        known.append(item)
      }
    }
    if known.isEmpty, lost == 0 {
      leftOut += 1
      return
    }
    users.append(user)
    self.history += history
    historyStart.append(self.history.count)
    for (item, confidence) in pairs {
      pairItems.append(item)
      pairConfidences.append(confidence)
    }
    pairStart.append(pairItems.count)
    relevant += known.sorted()
    relevantStart.append(relevant.count)
    missed.append(lost)
  }

  package func relevant(of question: Int) -> ArraySlice<UInt32> {
    relevant[relevantStart[question]..<relevantStart[question + 1]]
  }

  package func pairs(of question: Int) -> Range<Int> { pairStart[question]..<pairStart[question + 1] }

  /// Calls `body` with the given questions; their memory is valid during the call.
  package func withQueries(_ range: Range<Int>, _ body: ([Query]) -> Void) {
    history.withUnsafeBufferPointer { history in
      pairItems.withUnsafeBufferPointer { items in
        pairConfidences.withUnsafeBufferPointer { confidences in
          body(
            range.map { question in
              Query(
                user: users[question],
                history: UnsafeBufferPointer(
                  rebasing: history[historyStart[question]..<historyStart[question + 1]]),
                pairItems: UnsafeBufferPointer(rebasing: items[pairs(of: question)]),
                pairConfidences: UnsafeBufferPointer(rebasing: confidences[pairs(of: question)]))
            })
        }
      }
    }
  }

  /// At most `limit` of the questions as the blend's tuner wants them, evenly spread, with the candidates of each if they
  /// are given. Those with nothing to hit say nothing of weights and are left out.
  ///
  /// - Parameter seenRule: the rule of the run; questions with given candidates have none of their own.
  func evaluationSet(limit: Int, seenRule: SeenRule) -> (set: EvaluationSet, given: [[UInt32]]?) {
    let right = (0..<count).map { question in
      let owned = seenRule == .excluded ? Set(pairItems[pairs(of: question)]) : []
      return relevant(of: question).filter { !owned.contains($0) }
    }
    let useful = (0..<count).filter { !right[$0].isEmpty }
    let picked =
      useful.count <= limit ? useful : (0..<limit).map { useful[$0 * useful.count / limit] }
    let set = EvaluationSet(
      users: picked.map { users[$0] },
      histories: picked.map { Array(history[historyStart[$0]..<historyStart[$0 + 1]]) },
      pairs: picked.map { pairs(of: $0).map { (item: pairItems[$0], confidence: pairConfidences[$0]) } },
      relevant: picked.map { right[$0] }, itemCount: itemCount, seenRule: seenRule)
    let given = candidateStart.map { start in
      picked.map { Array(candidates[start[$0]..<start[$0 + 1]]) }
    }
    return (set, given)
  }

  /// The same with at most `limit` of the questions, evenly spread: for tuning.
  func thinned(to limit: Int) -> Questions {
    if count <= limit || candidateStart != nil { return self }
    var thin = Questions(seenRule: seenRule, itemCount: itemCount)
    for place in 0..<limit {
      let question = place * count / limit
      thin.users.append(users[question])
      thin.history += history[historyStart[question]..<historyStart[question + 1]]
      thin.historyStart.append(thin.history.count)
      thin.pairItems += pairItems[pairs(of: question)]
      thin.pairConfidences += pairConfidences[pairs(of: question)]
      thin.pairStart.append(thin.pairItems.count)
      thin.relevant += relevant(of: question)
      thin.relevantStart.append(thin.relevant.count)
      thin.missed.append(missed[question])
    }
    return thin
  }
}
