import Training
import Vocabulary

/// What tuning and the blend's weights may look at: never the test part.
struct Validation {
  let fit: FitData
  let questions: Questions
  let description: String

  /// Uses the validation part, or cuts one from the training part where there is none, asking as the test part asks.
  /// Nil if nothing is left to ask. O(events · log).
  init?(_ data: DataSet, _ rules: RankingRules, _ options: EvaluationOptions) {
    let cut = Self.cut(data, options)
    fit = FitData(cut.train, data, asked: cut.part)
    var part = cut.part
    var words = cut.words
    if case .candidates(let asked) = data.test, case .events(let right) = part {
      let count = asked.map(\.others.count).sorted()[asked.count / 2]
      part = .candidates(Self.sampled(right, fit, data, count: count, seed: options.seed))
      words += ", each against \(count) negatives drawn from the items its user does not have"
    }
    questions = rules.questions(part, fit).thinned(to: EvaluationRun.tuningQuestionsMax)
    description = "\(words), \(questions.count) questions; the models reported are trained on both"
    if questions.count == 0 { return nil }
  }

  private static func cut(_ data: DataSet, _ options: EvaluationOptions) -> (
    train: EventTable, part: TestPart, words: String
  ) {
    if !data.validSessions.isEmpty {
      return (data.train, .sessions(data.validSessions), "the validation part")
    }
    if data.valid.count > 0 {
      let opened = data.format == .sessions && !data.isSplitHere
      return (
        data.train, opened ? .sessions(SplitParts.opened(data.valid, data.users.count)) : .events(data.valid),
        "the validation part"
      )
    }
    if data.format == .sessions, !data.isSplitHere {
      // Whole sessions, the newest in the file: a session must not be its own neighbour.
      let sessions = Set(data.train.users).sorted()
      let held = Set(sessions.suffix(max(1, sessions.count / 20)))
      let rows = 0..<data.train.count
      let newest = data.train.rows(rows.filter { held.contains(data.train.users[$0]) })
      return (
        data.train.rows(rows.filter { !held.contains(data.train.users[$0]) }),
        .sessions(SplitParts.opened(newest, data.users.count)), "the last twentieth of the training sessions"
      )
    }
    let parts: SplitParts
    let words: String
    if data.task == .basket {
      parts = SplitParts.lastBasket(data.train, data.users.count)
      words = "the last basket of each user in training"
    } else if data.train.hasTimes || data.format.isOrdered {
      parts = SplitParts.lastItem(data.train, data.users.count)
      words = "the last item of each user in training"
    } else if case .candidates = data.test {
      parts = SplitParts.oneItem(data.train, options, users: data.users, items: data.items)
      words = "one item of each user in training, drawn with seed \(options.seed)"
    } else {
      var drawn = options
      drawn.testShare = options.validShare
      parts = SplitParts.random(data.train, drawn, users: data.users, items: data.items)
      words = "\(options.validShare) of each user's items in training, seed \(options.seed)"
    }
    // What the split calls validation stays in training: only the last is asked.
    return (parts.train.followed(by: parts.valid), parts.test, words)
  }

  /// Negatives for each right item as the test part has them: known items, equally likely, without those the user has in
  /// training or validation. Fewer where a user has almost everything. The draw hangs on names and seed.
  private static func sampled(
    _ right: EventTable, _ fit: FitData, _ data: DataSet, count: Int, seed: UInt64
  ) -> [NegativesFile.Question] {
    let known = fit.isKnown.indices.filter { fit.isKnown[$0] }.map { UInt32(truncatingIfNeeded: $0) }
    var owned: [UInt32: Set<UInt32>] = [:]
    for row in 0..<right.count { owned[right.users[row], default: []].insert(right.items[row]) }
    for user in owned.keys {
      owned[user]?.formUnion(fit.pairs.columns[fit.pairs.pairs(of: Int(user))])
    }
    return (0..<right.count).compactMap { row in
      let (user, item) = (right.users[row], right.items[row])
      let key = StableHash.mix(
        StableHash.of(data.users.names[Int(user)], seed: seed) ^ StableHash.of(data.items.names[Int(item)]))
      var taken = owned[user] ?? []
      let wanted = min(count, known.count { !taken.contains($0) })
      var others: [UInt32] = []
      var draw: UInt64 = 0
      while others.count < wanted {
        let random = StableHash.mix(key &+ draw &* 0x9e37_79b9_7f4a_7c15)
        draw += 1
        let other = known[Int(random.multipliedFullWidth(by: UInt64(known.count)).high)]
        if taken.insert(other).inserted { others.append(other) }
      }
      return others.isEmpty ? nil : NegativesFile.Question(user: user, item: item, others: others)
    }
  }
}
