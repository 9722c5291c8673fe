import Vocabulary

/// Which of the optional families a run makes and with what, decided before memory is taken: from the data's size,
/// the settings and the memory limit. What is left out has a reason in words.
package struct FamilyPlan: Sendable {
  /// The linear item model; nil for none.
  package private(set) var linear: LinearItems.Kind?
  package private(set) var makesUserNeighbours: Bool
  /// How the content model is made; nil for none.
  package private(set) var content: ContentSettings?
  /// How what like users took fades; nil for not at all.
  package let userHalfLifeDays: Double?
  package let factors: FactorSettings
  /// Models that are not made: name to reason.
  package private(set) var skipped: [String: String] = [:]
  /// What `auto` became: flag name to text.
  package private(set) var chosen: [String: String] = [:]
  /// Share of positive events that repeat a pair of user and item from an earlier basket.
  package let repeatShare: Double
  /// Bytes the run needs at most, the optional families included.
  package private(set) var bytes: UInt64

  /// Repeats from which data count as baskets that come back: half of what a shop of consumables has.
  package static let repeatShareMin = 0.1
  /// How what users took fades in such data, days: the source `repeats` fades as fast.
  package static let repeatHalfLifeDays = 30.0

  package var hasRepeats: Bool { repeatShare >= Self.repeatShareMin }

  /// O(events · log).
  package init(_ data: Interactions, settings: TrainingSettings) {
    let identifierBytes =
      data.users.reduce(0) { $0 + $1.bytes.count } + data.items.reduce(0) { $0 + $1.bytes.count }
    self.init(
      events: data.eventCount, users: data.userCount, items: data.itemCount,
      pairs: data.weightPairs().pairCount, identifierBytes: identifierBytes,
      ratings: RatingLesson.events(data), memberships: data.segments.memberships,
      contentFeatures: data.content.count, contentProblem: data.content.problem,
      repeatShare: data.repeatShare, settings: settings)
  }

  package init(
    events: Int, users: Int, items: Int, pairs: Int, identifierBytes: Int, ratings: Int = 0,
    memberships: Int = 0, contentFeatures: Int = 0, contentProblem: String? = nil, repeatShare: Double,
    settings: TrainingSettings
  ) {
    self.repeatShare = repeatShare
    func base(_ factors: FactorSettings) -> UInt64 {
      MemoryFormula.training(
        events: events, users: users, items: items, identifierBytes: identifierBytes,
        ratings: ratings, memberships: memberships, dimensions: factors.dimensions, settings: settings)
    }
    let factors = Self.factorSettings(
      pairs: pairs, users: users, items: items, settings: settings,
      fits: { base($0) <= settings.memoryLimitBytes })
    self.factors = factors
    if settings.factors == nil { chosen["factors"] = "\(factors.dimensions)" }
    if settings.unobservedWeight == nil { chosen["unobserved-weight"] = "\(factors.unobservedWeight)" }
    bytes = base(factors)
    userHalfLifeDays = repeatShare >= Self.repeatShareMin ? Self.repeatHalfLifeDays : nil

    makesUserNeighbours = false
    let limit = settings.memoryLimitBytes
    func left() -> UInt64 { limit > bytes ? limit - bytes : 0 }
    if !settings.linear {
      skipped["linear"] = "linear is off."
    } else {
      var candidates: [LinearItems.Kind] = [.filter]
      if LinearItemTrainer.allowsLowRank(users: users, items: items) {
        candidates.insert(.graphFilter, at: 0)
      }
      if items <= StandardParts.easeItemsMax { candidates.insert(.ease, at: 0) }
      func needed(_ kind: LinearItems.Kind) -> UInt64 {
        LinearItemTrainer.bytes(
          kind, pairs: pairs, users: users, items: items, neighbours: settings.linearNeighbours,
          threads: settings.threads)
      }
      linear = candidates.first { needed($0) <= left() }
      if let linear {
        bytes += needed(linear)
        chosen["linear"] = linear.name
      } else {
        skipped["linear"] = """
          A linear model of \(items) items needs \(needed(.filter)) bytes besides the \(bytes) of the others; \
          memory-limit is \(limit). Raise it.
          """
      }
    }
    let userBytes = UserNeighbourTrainer.bytes(
      pairs: pairs, users: users, items: items, threads: settings.threads)
    if !settings.userNeighbours {
      skipped["user-neighbours"] = "user-neighbours is off."
    } else if userBytes > left() {
      skipped["user-neighbours"] = """
        An index of \(users) users needs \(userBytes) bytes besides the \(bytes) of the others; \
        memory-limit is \(limit). Raise it.
        """
    } else {
      makesUserNeighbours = true
      bytes += userBytes
    }
    planContent(features: contentFeatures, problem: contentProblem, items: items, settings: settings)
  }

  /// Dimensions that a request can scan, fewer where memory is short.
  private mutating func planContent(features: Int, problem: String?, items: Int, settings: TrainingSettings) {
    if !settings.content {
      skipped["content"] = "content is off."
      return
    }
    if features == 0 {
      // Where items say nothing there is nothing to leave out.
      skipped["content"] = problem
      return
    }
    var wanted = ContentSettings()
    wanted.seed = settings.seed
    wanted.dimensions = max(32, min(wanted.dimensions, Self.scanWorkMax / max(1, items) / 32 * 32))
    func needed() -> UInt64 {
      // What was collected stays until it is used.
      4 * UInt64(features)
        + ContentTrainer.bytes(
          features: features, rows: items, dimensions: factors.dimensions, settings: wanted,
          threads: settings.threads)
    }
    let limit = settings.memoryLimitBytes
    let left = limit > bytes ? limit - bytes : 0
    while wanted.dimensions > 32, needed() > left { wanted.dimensions -= 32 }
    guard needed() <= left else {
      skipped["content"] = """
        A content model of \(items) items needs \(needed()) bytes besides the \(bytes) of the others; \
        memory-limit is \(limit). Raise it.
        """
      return
    }
    bytes += needed()
    content = wanted
    chosen["content"] = "\(wanted.dimensions)"
  }

  /// Multiplications a scan of all items may take for one request: about a millisecond of one core.
  static let scanWorkMax = 4_000_000

  /// iALS as the settings say, and where they leave it to the data: the unobserved weight makes all that a user did
  /// not take weigh about ten times what the user took; dimensions as `StandardParts` picks them, but no more than
  /// a request can scan and the limit allows.
  private static func factorSettings(
    pairs: Int, users: Int, items: Int, settings: TrainingSettings, fits: (FactorSettings) -> Bool
  ) -> FactorSettings {
    var result = StandardParts(memoryLimit: settings.memoryLimitBytes)
      .factorSettings(pairs: pairs, users: users, items: items)
    result.iterations = settings.iterations
    result.regularisation = settings.regularisation
    result.regularisationExponent = settings.regularisationExponent
    result.seed = settings.seed
    if let weight = settings.unobservedWeight { result.unobservedWeight = weight }
    if let dimensions = settings.factors {
      result.dimensions = dimensions
      return result
    }
    result.dimensions = max(32, min(result.dimensions, scanWorkMax / max(1, items) / 32 * 32))
    while result.dimensions > 32, !fits(result) { result.dimensions -= 32 }
    return result
  }

  /// Whether the linear model was compared with item-kNN already.
  private(set) var hasChosenLinear = false

  /// Serves item-kNN as the linear source from now on if it is ahead. The first comparison counts: trees that were
  /// taught with one model must not meet the other.
  mutating func choose(linear measured: Evaluator.Result, itemNeighbours: Evaluator.Result) {
    guard linear != nil, !hasChosenLinear else { return }
    hasChosenLinear = true
    guard PairedDifference(itemNeighbours, measured)?.isAhead == true else { return }
    linear = .itemNeighbours
    chosen["linear"] = LinearItems.Kind.itemNeighbours.name
  }
}

extension Interactions {
  /// Share of the positive events that repeat their user's pair with the item from an earlier basket: at least half
  /// an hour, and another session, after the last time. O(events · log).
  package var repeatShare: Double {
    var (positive, repeats) = (0, 0)
    var order: [Int] = []
    for user in 0..<userCount {
      order.removeAll(keepingCapacity: true)
      order.append(contentsOf: events(of: user).filter { eventWeight[$0] > 0 })
      positive += order.count
      order.sort { (eventItem[$0], $0) < (eventItem[$1], $1) }
      for (last, event) in zip(order, order.dropFirst()) where eventItem[last] == eventItem[event] {
        let isSameSession = eventSession[last] != 0 && eventSession[last] == eventSession[event]
        if !isSameSession, eventTime[event] &- eventTime[last] > Baskets.pauseMicroseconds { repeats += 1 }
      }
    }
    return positive > 0 ? Double(repeats) / Double(positive) : 0
  }
}
