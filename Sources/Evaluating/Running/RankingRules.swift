import Training

/// The rules of a ranking evaluation with all defaults decided.
struct RankingRules {
  let seen: SeenRule
  let repeats: RepeatRule
  private let options: EvaluationOptions
  private let userCount: Int
  private let isSampled: Bool

  init(_ options: EvaluationOptions, _ data: DataSet) {
    self.options = options
    userCount = data.users.count
    if case .candidates = data.test { isSampled = true } else { isSampled = false }
    let comesBack = data.task == .basket || data.format == .sessions || data.format == .baskets
    seen = options.seen ?? (comesBack ? .allowed : .excluded)
    // Splits in the middle of a history leave many repeats in the test part; asking for what may not be shown says
    // nothing.
    repeats = options.repeats ?? (data.isSplitHere && options.split != .lastItem ? .drop : .miss)
  }

  func questions(_ part: TestPart, _ fit: FitData) -> Questions {
    switch part {
    case .events(let events):
      Questions(
        asked: events, fit: fit, seenRule: seen, repeats: repeats, dropsCold: options.dropsColdUsers,
        userCount: userCount)
    case .sessions(let sessions): Questions(sessions: sessions, fit: fit, seenRule: seen, repeats: repeats)
    case .candidates(let questions): Questions(candidates: questions, fit: fit)
    }
  }

  func described(_ data: DataSet, _ fit: FitData, _ questions: Questions, _ validation: Validation?) -> [(
    name: String, text: String
  )] {
    var rules: [(name: String, text: String)] = [
      ("split", data.description),
      (
        "learned from",
        "\(fit.interactions.eventCount) events of \(fit.pairs.filledRows) users and \(fit.occurring) items"
          + (data.valid.count > 0 ? ", train and validation together" : "")
          + (data.validSessions.isEmpty ? "" : "; validation is asked only")
      ),
      (
        "asked",
        "\(questions.count) questions, \(questions.relevantStart[questions.count] + questions.missed.reduce(0, +)) right items"
          + (questions.coldUsers > 0 ? ", \(questions.coldUsers) by users without history" : "")
          + (questions.leftOut > 0 ? "; \(questions.leftOut) users left out with nothing to ask" : "")
      ),
      (
        "candidates",
        isSampled
          ? "the right item and its negatives; the seen rule is not used"
          : data.candidates == .asked
            ? "the \(fit.knownItems) items that are right for anybody"
            : "all \(fit.knownItems) items of training"
      ),
    ]
    if !isSampled {
      rules.append(
        (
          "seen items",
          seen == .excluded
            ? "excluded: what the user has in training is no candidate"
            : "allowed: what the user has competes as well"
        ))
    }
    var lost: [String] = []
    if questions.unknownItems > 0 {
      lost.append("\(questions.unknownItems) right items unseen in training count as missed")
    }
    if questions.repeatedItems > 0 {
      lost.append(
        "\(questions.repeatedItems) right items their user already had "
          + (repeats == .miss ? "count as missed" : "are not asked"))
    }
    if questions.duplicates > 0 {
      lost.append("\(questions.duplicates) duplicates among right items are counted once")
    }
    if !lost.isEmpty { rules.append(("cannot be hit", lost.joined(separator: "; "))) }
    rules += [
      (
        "ideal rule",
        options.ideal == .list
          ? "NDCG and MAP over min(k, right items)"
          : "NDCG over all right items; MAP over min(k, right items)"
      ),
      (
        "precision",
        fit.precision == .list ? "hits / k" : "hits / min(k, right items): the P@k of papers on sessions"
      ),
      ("tie rule", "ties count against the model"),
      ("means", "over questions"),
      (
        "intervals",
        options.resamples > 1
          ? "95 %, percentile bootstrap over questions, \(options.resamples) resamples, seed \(options.seed)"
          : "none"
      ),
    ]
    if let validation { rules.append(("validation", validation.description)) }
    return rules
  }
}

extension FitData {
  /// What precision is by the custom of those who measure such data.
  var precision: PrecisionRule { format == .sessions ? .possible : .list }
}

extension Questions {
  /// What the test part asks under the options, with all defaults decided.
  package init(_ data: DataSet, _ fit: FitData, _ options: EvaluationOptions) {
    self = RankingRules(options, data).questions(data.test, fit)
  }
}
