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
    var spectral = SpectralFilter.Settings()
    spectral.dimensions = Self.dimensions(users: users, items: items)
    spectral.seed = seed
    return (StandardSettings.filter(items: items), spectral)
  }

  // MARK: Which parts

  /// Size of the data, as far as the choice of parts hangs on it.
  package struct Size: Sendable, Hashable {
    package var users: Int
    package var items: Int
    package var pairs: Int
    /// Events in all histories, repeats included.
    package var places: Int

    package init(users: Int, items: Int, pairs: Int, places: Int) {
      (self.users, self.items, self.pairs, self.places) = (users, items, pairs, places)
    }
  }

  /// Names of the parts for a kind of data, in the order in which they are made. O(1).
  package func names(_ kind: StandardKind, _ size: Size) -> [String] {
    switch kind {
    case .pairs: [takesEase(size) ? "ease" : "filter", "ials", "user-knn"]
    case .sequences:
      memories(size).map(\.rawValue) + ["transitions", "item-knn", "session-knn"]
        + (size.items <= Self.easeItemsMax / 4 && takesEase(size) ? ["ease"] : []) + ["ials"]
    case .sessions: ["session-knn", "wide-session-knn", "transitions", "near-transitions", "recent-items"]
    case .baskets:
      StandardSettings.BasketPart.allCases.map(\.rawValue) + StandardSettings.basketPopularity.map(\.0)
        + ["item-knn", "ials"]
    }
  }

  /// Items up to which dense models are made even if more would fit: the work grows with the cube, and a
  /// regression over 12,000 items takes 50 seconds of a core.
  package static let easeItemsMax = 16_384

  private func takesEase(_ size: Size) -> Bool {
    size.items <= Self.easeItemsMax
      && EaseTrainer.fits(pairs: size.pairs, users: size.users, items: size.items, memoryLimit: memoryLimit)
  }

  /// Regressions on a short, a middle and a long memory, where the square of the items fits. For a catalogue
  /// so large that the cube takes minutes, the middle one only.
  private func memories(_ size: Size) -> [StandardSettings.Memory] {
    guard size.items <= Self.easeItemsMax,
      SequenceRegressionTrainer.fits(
        places: size.places, sequences: size.users, items: size.items, memoryLimit: memoryLimit)
    else { return [] }
    return size.items <= Self.easeItemsMax / 4 ? [.middle, .short, .long] : [.middle]
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
    return [
      linear, factors,
      LinearBlend.Part(
        name: "user-knn", ranker: UserNeighbourRanker(pairs, settings: StandardSettings.userNeighbours)),
    ]
  }

  /// For ordered histories in which what a user has is no candidate any more.
  package func sequences(
    _ sequences: SequenceStore, pairs: PairMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part]? {
    let (items, count) = (sequences.itemCount, Double(StandardSettings.Memory.allCases.count))
    let size = Size(
      users: sequences.count, items: items, pairs: pairs.pairCount, places: sequences.items.count)
    var parts: [LinearBlend.Part] = []
    for (place, memory) in memories(size).enumerated() {
      let trainer = StandardSettings.regression(memory)
      let step = { progress(0.7 * (Double(place) + $0) / count) }
      guard let model = trainer.train(sequences, pool: pool, progress: step) else { return nil }
      let weight = StandardSettings.recency(trainer).weight
      parts.append(
        LinearBlend.Part(name: memory.rawValue, ranker: DenseItemRanker(model, weight: weight)))
    }
    let (transitions, recent) = StandardSettings.transitions(.sequences, items: items)
    let (likeness, older) = StandardSettings.itemNeighbours(.sequences, items: items)
    parts += [
      neighbourPart("transitions", transitions.train(sequences, pool: pool), recent.weight),
      neighbourPart("item-knn", likeness.train(pairs, pool: pool), older.weight),
      LinearBlend.Part(
        name: "session-knn",
        ranker: SessionNeighbourRanker(sequences, settings: StandardSettings.sessionNeighbours(.sequences))),
    ]
    if names(.sequences, size).contains("ease") {
      guard let linear = linearPart(pairs, pool: pool) else { return nil }
      parts.append(linear)
    }
    guard let factors = factorPart(pairs, pool: pool) else { return nil }
    progress(1)
    return parts + [factors]
  }

  /// For sessions: prefixes of which the next item is asked, repeats allowed.
  package func sessions(
    _ sessions: SequenceStore, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part] {
    let (far, recent) = StandardSettings.transitions(.sessions, items: sessions.itemCount)
    let (near, newest) = StandardSettings.nearTransitions(.sessions, items: sessions.itemCount)
    func likeness(_ name: String, _ settings: SessionNeighbourRanker.Settings) -> LinearBlend.Part {
      LinearBlend.Part(name: name, ranker: SessionNeighbourRanker(sessions, settings: settings))
    }
    let fade = StandardSettings.recentItemsFade(.sessions)
    let parts = [
      likeness("session-knn", StandardSettings.sessionNeighbours(.sessions)),
      likeness("wide-session-knn", StandardSettings.wideSessionNeighbours),
      neighbourPart("transitions", far.train(sessions, pool: pool), recent.weight),
      neighbourPart("near-transitions", near.train(sessions, pool: pool), newest.weight),
      LinearBlend.Part(
        name: "recent-items", ranker: RecentItemsRanker(itemCount: sessions.itemCount, fade: fade)),
    ]
    progress(1)
    return parts
  }

  /// For baskets: own frequencies, faded and plain, neighbours, popularity, item neighbours, iALS.
  package func baskets(
    _ histories: BasketHistories, pairs: PairMatrix, pool: ThreadPool,
    progress: (Double) -> Void = { _ in }
  ) -> [LinearBlend.Part]? {
    guard let factors = factorPart(pairs, pool: pool) else { return nil }
    progress(0.5)
    let (likeness, _) = StandardSettings.itemNeighbours(.baskets, items: histories.itemCount)
    var parts = StandardSettings.BasketPart.allCases.map { part in
      LinearBlend.Part(
        name: part.rawValue,
        ranker: NextBasketRanker(histories, settings: StandardSettings.basket(part), pool: pool))
    }
    parts += StandardSettings.basketPopularity.map { name, baskets in
      LinearBlend.Part(name: name, ranker: FixedRanker(scores: histories.popularity(perUser: baskets)))
    }
    parts += [neighbourPart("item-knn", likeness.train(pairs, pool: pool), .equal), factors]
    progress(1)
    return parts
  }

  // MARK: Single parts

  /// EASE where the catalogue allows, else the graph filter.
  package func linearPart(_ pairs: PairMatrix, pool: ThreadPool) -> LinearBlend.Part? {
    let (users, items) = (pairs.rowCount, pairs.columnCount)
    if takesEase(Size(users: users, items: items, pairs: pairs.pairCount, places: 0)) {
      let lambda = EaseTrainer.regularisation(pairs: pairs.pairCount, items: items)
      guard let model = EaseTrainer(regularisation: lambda).train(pairs, pool: pool) else { return nil }
      return LinearBlend.Part(name: "ease", ranker: DenseItemRanker(model, weight: .equal))
    }
    let (trainer, settings) = filterSettings(users: users, items: items)
    guard let spectral = SpectralFilter(pairs, settings: settings, pool: pool) else { return nil }
    let filter = LinearFilter(neighbours: trainer.train(pairs, pool: pool), spectral: spectral)
    return LinearBlend.Part(name: "filter", ranker: LinearFilterRanker(filter, weight: .equal))
  }

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
}
