import Glibc

/// The models that are worth blending for each kind of data, with settings that follow from its size. Weights are
/// equal; `BlendTuner` finds better ones where there is a validation set.
///
/// The numbers behind the settings are in docs/models.md: they were chosen on validation parts of public
/// sets of very different size and density, and are starting points for a search, not its end.
package struct StandardParts: Sendable {
  /// Bytes one model may take while it is made. A model that needs more is replaced by a relative that does not,
  /// or left out.
  package var memoryLimit: UInt64
  package var seed: UInt64 = 1

  package init(memoryLimit: UInt64) { self.memoryLimit = memoryLimit }

  // MARK: Settings by size

  /// Latent dimensions: a sixteenth of the smaller side in steps of 32, from 32 to 256.
  package static func dimensions(users: Int, items: Int) -> Int {
    max(32, min(256, min(users, items) / 16 / 32 * 32))
  }

  /// iALS for so many pairs. The unobserved weight makes all that a user did not take weigh about ten times what
  /// the user took.
  package func factorSettings(pairs: Int, users: Int, items: Int) -> FactorSettings {
    var settings = FactorSettings()
    settings.dimensions = Self.dimensions(users: users, items: items)
    settings.iterations = 10
    settings.regularisation = 0.004
    let density = Double(pairs) / (Double(max(1, users)) * Double(max(1, items)))
    settings.unobservedWeight = min(1, max(0.003, 10 * density))
    settings.seed = seed
    return settings
  }

  /// The graph filter with the published exponents and weight of its low-rank part.
  package func filterSettings(users: Int, items: Int) -> (ItemFilterTrainer, SpectralFilter.Settings) {
    var neighbours = ItemFilterTrainer(neighbours: min(512, max(1, items - 1)))
    neighbours.userExponent = 1
    var spectral = SpectralFilter.Settings()
    spectral.dimensions = Self.dimensions(users: users, items: items)
    spectral.seed = seed
    return (neighbours, spectral)
  }

  // MARK: Sets of parts

  /// For pairs without order: a linear item model, iALS, user neighbours.
  ///
  /// - Returns: nil if numbers stopped being finite.
  package func pairs(
    _ pairs: PairMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part]? {
    guard let linear = linearPart(pairs, pool: pool) else { return nil }
    progress(0.5)
    guard let factors = factorPart(pairs, pool: pool) else { return nil }
    progress(1)
    var settings = UserNeighbourRanker.Settings()
    settings.neighbours = 200
    return [
      linear, factors,
      LinearBlend.Part(name: "user-neighbours", ranker: UserNeighbourRanker(pairs, settings: settings)),
    ]
  }

  /// For ordered histories in which what a user has is no candidate any more.
  package func sequences(
    _ sequences: SequenceStore, pairs: PairMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part]? {
    guard let regressions = regressionParts(sequences, pool: pool, progress: { progress(0.7 * $0) }),
      let factors = factorPart(pairs, pool: pool)
    else { return nil }
    var transitions = GapTransitionTrainer(neighbours: min(512, max(1, sequences.itemCount - 1)))
    (transitions.sourceExponent, transitions.targetExponent, transitions.shrinkage) = (0.6, 0.4, 1)
    var likeness = ItemFilterTrainer(neighbours: min(200, max(1, sequences.itemCount - 1)))
    (likeness.sourceExponent, likeness.targetExponent, likeness.shrinkage) = (0.6, 0.4, 3)
    let parts = [
      neighbourPart(
        "transitions", transitions.train(sequences, pool: pool), .recent(items: 20, decay: 0.8)),
      neighbourPart(
        "item-neighbours", likeness.train(pairs, pool: pool), .recent(items: 100, decay: 0.9)),
      LinearBlend.Part(
        name: "session-neighbours", ranker: SessionNeighbourRanker(sequences, settings: .histories)),
    ]
    progress(1)
    return regressions + parts + [factors]
  }

  /// For sessions: prefixes of which the next item is asked, repeats allowed.
  package func sessions(
    _ sessions: SequenceStore, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part] {
    var wide = SessionNeighbourRanker.Settings.sessions
    (wide.neighbours, wide.prefixFade, wide.gapFade) = (1000, 4, 20)
    var far = GapTransitionTrainer(neighbours: min(512, max(1, sessions.itemCount - 1)))
    (far.sourceExponent, far.targetExponent, far.shrinkage) = (0.75, 0.25, 1)
    var near = far
    (near.window, near.sourceExponent, near.targetExponent, near.backwardWeight) = (3, 0.5, 0.5, 1)
    let parts = [
      LinearBlend.Part(
        name: "session-neighbours", ranker: SessionNeighbourRanker(sessions, settings: .sessions)),
      LinearBlend.Part(
        name: "wide-session-neighbours", ranker: SessionNeighbourRanker(sessions, settings: wide)),
      neighbourPart("transitions", far.train(sessions, pool: pool), .recent(items: 20, decay: 0.8)),
      neighbourPart("near-transitions", near.train(sessions, pool: pool), .recent(items: 20, decay: 0.5)),
      LinearBlend.Part(
        name: "recent-items", ranker: RecentItemsRanker(itemCount: sessions.itemCount, fade: 0.7)),
    ]
    progress(1)
    return parts
  }

  /// For baskets: own frequencies, faded and plain, neighbours, popularity, item neighbours, iALS.
  package func baskets(
    _ histories: BasketHistories, pairs: PairMatrix, pool: ThreadPool,
    progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part]? {
    func part(_ name: String, _ change: (inout NextBasketRanker.Settings) -> Void) -> LinearBlend.Part {
      var settings = NextBasketRanker.Settings()
      settings.popularityWeight = 0
      change(&settings)
      return LinearBlend.Part(
        name: name, ranker: NextBasketRanker(histories, settings: settings, pool: pool))
    }
    var plain = BasketFading()
    (plain.groupSize, plain.basketDecay, plain.groupDecay) = (Int.max, 1, 1)
    var likeness = ItemFilterTrainer(neighbours: min(200, max(1, histories.itemCount - 1)))
    (likeness.sourceExponent, likeness.targetExponent, likeness.shrinkage) = (0.6, 0.4, 3)
    guard let factors = factorPart(pairs, pool: pool) else { return nil }
    progress(0.5)
    let parts = [
      part("own-frequency") { $0.ownShare = 1 },
      part("plain-frequency") { ($0.ownShare, $0.fading) = (1, plain) },
      part("basket-neighbours") { ($0.ownShare, $0.fading, $0.neighbours.itemExponent) = (0, plain, 0.5) },
      part("faded-neighbours") { ($0.ownShare, $0.neighbours.itemExponent) = (0, 0) },
      LinearBlend.Part(name: "popularity", ranker: FixedRanker(scores: histories.popularity(perUser: 5))),
      LinearBlend.Part(
        name: "newest-popularity", ranker: FixedRanker(scores: histories.popularity(perUser: 1))),
      neighbourPart("item-neighbours", likeness.train(pairs, pool: pool), .equal),
      factors,
    ]
    progress(1)
    return parts
  }

  // MARK: Single parts

  /// EASE where the catalogue allows, else the graph filter.
  package func linearPart(_ pairs: PairMatrix, pool: ThreadPool) -> LinearBlend.Part? {
    let (users, items) = (pairs.rowCount, pairs.columnCount)
    if EaseTrainer.fits(pairs: pairs.pairCount, users: users, items: items, memoryLimit: memoryLimit),
      items <= Self.easeItemsMax
    {
      let lambda = EaseTrainer.regularisation(pairs: pairs.pairCount, items: items)
      guard let model = EaseTrainer(regularisation: lambda).train(pairs, pool: pool) else { return nil }
      return LinearBlend.Part(name: "ease", ranker: DenseItemRanker(model, weight: .equal))
    }
    let (trainer, settings) = filterSettings(users: users, items: items)
    guard let spectral = SpectralFilter(pairs, settings: settings, pool: pool) else { return nil }
    let filter = LinearFilter(neighbours: trainer.train(pairs, pool: pool), spectral: spectral)
    return LinearBlend.Part(name: "graph-filter", ranker: LinearFilterRanker(filter, weight: .equal))
  }

  /// Items up to which dense models are made even if more would fit: the work grows with the cube, and a
  /// regression over 12,000 items takes 50 seconds of a core.
  package static let easeItemsMax = 16_384

  private func factorPart(_ pairs: PairMatrix, pool: ThreadPool) -> LinearBlend.Part? {
    let settings = factorSettings(
      pairs: pairs.pairCount, users: pairs.rowCount, items: pairs.columnCount)
    guard let factors = FactorTrainer(settings).train(pairs, pool: pool) else { return nil }
    return LinearBlend.Part(name: "ials", ranker: FactorRanker(factors))
  }

  private func neighbourPart(_ name: String, _ table: NeighbourTable, _ weight: HistoryWeight)
    -> LinearBlend.Part
  {
    LinearBlend.Part(
      name: name, ranker: LinearFilterRanker(LinearFilter(neighbours: table, spectral: nil), weight: weight))
  }

  /// Regressions on a short, a middle and a long memory, where the square of the items fits. For a catalogue
  /// so large that the cube takes minutes, the middle one only.
  private func regressionParts(
    _ sequences: SequenceStore, pool: ThreadPool, progress: (Double) -> Void
  ) -> [LinearBlend.Part]? {
    let items = sequences.itemCount
    guard
      SequenceRegressionTrainer.fits(
        places: sequences.items.count, sequences: sequences.count, items: items, memoryLimit: memoryLimit),
      items <= Self.easeItemsMax
    else { return [] }
    let memories =
      items <= Self.easeItemsMax / 4
      ? [("sequence-regression", 0.8, 30), ("short-regression", 0.5, 15), ("long-regression", 0.95, 100)]
      : [("sequence-regression", 0.8, 30)]
    var parts: [LinearBlend.Part] = []
    for (place, (name, decay, window)) in memories.enumerated() {
      var trainer = SequenceRegressionTrainer()
      (trainer.inputDecay, trainer.window) = (decay, window)
      guard
        let model = trainer.train(
          sequences, pool: pool, progress: { progress((Double(place) + $0) / Double(memories.count)) })
      else { return nil }
      parts.append(
        LinearBlend.Part(
          name: name, ranker: DenseItemRanker(model, weight: .recent(items: 2 * window, decay: decay))))
    }
    return parts
  }
}
