/// What the order and the repeats of data say about the models that suit them.
package enum StandardKind: String, Sendable, Hashable, CaseIterable {
  /// Sets of items: no order.
  case pairs
  /// Ordered histories in which what a user has is no candidate any more, or seldom right.
  case sequences
  /// Short sessions of which the next item is asked, repeats allowed.
  case sessions
  /// Baskets of which the next is asked, repeats allowed.
  case baskets
}

/// The settings of the standard models for each kind of data, in one place: `StandardParts` makes models of them, and the
/// models of `magpie evaluate` have them as defaults. docs/models.md says what they rest on.
package enum StandardSettings {
  /// Newest items of a history that count, and how they fade.
  package struct Recency: Sendable, Hashable {
    package var items: Int
    /// 1: all count alike.
    package var decay: Double

    package init(items: Int, decay: Double) { (self.items, self.decay) = (items, decay) }

    package var weight: HistoryWeight { .recent(items: items, decay: decay) }
  }

  /// Neighbours kept for each item: 512, fewer where the catalogue is so large that the table would pass 800 MB.
  package static func width(items: Int, most: Int = 512) -> Int {
    max(1, min(most, items - 1, max(50, 100_000_000 / max(1, items))))
  }

  // MARK: What follows what

  package static func transitions(_ kind: StandardKind, items: Int) -> (GapTransitionTrainer, Recency) {
    var trainer = GapTransitionTrainer(neighbours: width(items: items))
    (trainer.sourceExponent, trainer.targetExponent) = kind == .sessions ? (0.75, 0.25) : (0.6, 0.4)
    trainer.shrinkage = 1
    return (trainer, Recency(items: 20, decay: 0.8))
  }

  /// Three places both ways alike, and the last click first.
  package static func nearTransitions(_ kind: StandardKind, items: Int) -> (GapTransitionTrainer, Recency) {
    var (trainer, _) = transitions(kind, items: items)
    (trainer.window, trainer.backwardWeight) = (3, 1)
    (trainer.sourceExponent, trainer.targetExponent) = (0.5, 0.5)
    return (trainer, Recency(items: 20, decay: 0.5))
  }

  /// How much of the past a regression reads.
  package enum Memory: String, Sendable, Hashable, CaseIterable {
    case middle = "sequence-regression"
    case short = "short-regression"
    case long = "long-regression"
  }

  package static func regression(_ memory: Memory) -> SequenceRegressionTrainer {
    var trainer = SequenceRegressionTrainer()
    switch memory {
    case .middle: (trainer.inputDecay, trainer.window) = (0.8, 30)
    case .short: (trainer.inputDecay, trainer.window) = (0.5, 15)
    case .long: (trainer.inputDecay, trainer.window) = (0.95, 100)
    }
    return trainer
  }

  /// What of the history a regression is asked with: twice what it was taught with.
  package static func recency(_ trainer: SequenceRegressionTrainer) -> Recency {
    Recency(items: 2 * trainer.window, decay: trainer.inputDecay)
  }

  // MARK: What goes with what

  /// Item neighbours standing alone or in a blend. The exponents are those found best on validation; the published
  /// ones are for `filter`.
  package static func itemNeighbours(_ kind: StandardKind, items: Int) -> (ItemFilterTrainer, Recency) {
    var trainer = ItemFilterTrainer(neighbours: width(items: items, most: 200))
    (trainer.sourceExponent, trainer.userExponent, trainer.targetExponent) = (0.6, 0.5, 0.4)
    trainer.shrinkage = kind == .pairs ? 0 : 3
    return (trainer, kind == .sequences ? Recency(items: 100, decay: 0.9) : Recency(items: 10_000, decay: 1))
  }

  /// Neighbours of the graph filter with the published exponents (Shen et al., CIKM 2021).
  package static func filter(items: Int) -> ItemFilterTrainer {
    var trainer = ItemFilterTrainer(neighbours: width(items: items))
    (trainer.sourceExponent, trainer.userExponent, trainer.targetExponent) = (0.5, 1, 0.5)
    return trainer
  }

  package static var userNeighbours: UserNeighbourRanker.Settings {
    var settings = UserNeighbourRanker.Settings()
    settings.neighbours = 200
    return settings
  }

  // MARK: Sessions

  package static func sessionNeighbours(_ kind: StandardKind) -> SessionNeighbourRanker.Settings {
    kind == .sessions ? .sessions : .histories
  }

  /// More sessions, compared by more of their clicks.
  package static var wideSessionNeighbours: SessionNeighbourRanker.Settings {
    var settings = SessionNeighbourRanker.Settings.sessions
    (settings.neighbours, settings.prefixFade, settings.gapFade) = (1000, 4, 20)
    return settings
  }

  /// How the items of an open session, or of old baskets, fade.
  package static func recentItemsFade(_ kind: StandardKind) -> Double { kind == .sessions ? 0.7 : 0.9 }

  // MARK: Baskets

  /// Single voices of the next-basket model; a blend finds how loud each should be.
  package enum BasketPart: String, Sendable, Hashable, CaseIterable {
    /// The user's own frequencies, faded.
    case own = "own-frequency"
    /// The user's own frequencies, all baskets alike.
    case plain = "plain-frequency"
    /// Users with alike unfaded frequencies, rare items first.
    case neighbours = "basket-knn"
    /// Users with alike faded frequencies.
    case faded = "faded-basket-knn"
  }

  package static func basket(_ part: BasketPart) -> NextBasketRanker.Settings {
    var settings = NextBasketRanker.Settings()
    settings.popularityWeight = 0
    settings.ownShare = part == .own || part == .plain ? 1 : 0
    if part == .plain || part == .neighbours {
      (settings.fading.groupSize, settings.fading.basketDecay, settings.fading.groupDecay) = (1_000_000, 1, 1)
    }
    settings.neighbours.itemExponent = part == .faded ? 0 : 0.5
    return settings
  }

  /// Newest baskets of every user that are counted, by the name of the part.
  package static let basketPopularity = [("basket-popularity", 5), ("newest-popularity", 1)]
}
