/// Ranks what the next basket holds: the user's own fading frequencies, those of the nearest users, and popularity
/// (TIFU-KNN: Hu, He, Gao and Zhang, SIGIR 2020; popularity behind the own frequency is the baseline that Li et al.,
/// "A next basket recommendation reality check", ACM TOIS 2023, show to be hard to beat):
///
///     α v_u + (1 − α) Σ_w sim(u, w) v_w / Σ_w sim(u, w) + β popularity
///
/// Users it was not trained with are folded from their history, each event as a basket.
package struct NextBasketRanker: Ranker {
  package struct Settings: Sendable, Hashable {
    package var fading: BasketFading = {
      var fading = BasketFading()
      fading.groupSize = 3
      return fading
    }()
    /// α; 1 leaves the neighbours out.
    package var ownShare = 0.3
    /// β.
    package var popularityWeight = 0.1
    /// Newest baskets of every user that make popularity.
    package var popularityBaskets = 5
    package var neighbours: UserNeighbourRanker.Settings = {
      var settings = UserNeighbourRanker.Settings()
      settings.neighbours = 300
      settings.itemExponent = 0.5
      return settings
    }()
    package init() {}
  }

  private let settings: Settings
  private let vectors: PairMatrix
  private let popularity: [Float]
  private let neighbours: UserNeighbourRanker

  /// O(items in all baskets).
  package init(_ histories: BasketHistories, settings: Settings, pool: ThreadPool) {
    self.settings = settings
    let lengths = SharedArray<Int>(repeating: 0, count: histories.userCount)
    var roomStart = [0]
    for user in 0..<histories.userCount {
      let baskets = histories.baskets(of: user)
      roomStart.append(
        roomStart[user] + histories.basketStart[baskets.upperBound]
          - histories.basketStart[baskets.lowerBound])
    }
    let start = roomStart
    let columns = SharedArray<UInt32>(repeating: 0, count: histories.items.count)
    let values = SharedArray<Float>(repeating: 0, count: histories.items.count)
    let accumulators = (0..<pool.threads).map { _ in RowAccumulator(count: histories.itemCount) }
    let fading = settings.fading
    let chunkRows = 64
    pool.run(tasks: ShardPass.chunks(of: histories.userCount, size: chunkRows)) { worker, chunk in
      let vector = accumulators[worker]
      for user in (chunk * chunkRows)..<min(histories.userCount, (chunk + 1) * chunkRows) {
        fading.fold(
          histories.baskets(of: user).map { histories.items[histories.places(of: $0)] }, into: vector)
        for (place, item) in vector.touched.sorted().enumerated() {
          columns[start[user] + place] = item
          values[start[user] + place] = Float(vector.value(of: item))
        }
        lengths[user] = vector.touched.count
        vector.clear()
      }
    }
    var (rowStart, keptColumns, keptValues) = ([0], [UInt32](), [Float]())
    for user in 0..<histories.userCount {
      let range = start[user]..<(start[user] + lengths[user])
      keptColumns.append(contentsOf: columns.elements[range])
      keptValues.append(contentsOf: values.elements[range])
      rowStart.append(keptColumns.count)
    }
    vectors = PairMatrix(
      rowStart: rowStart, columns: keptColumns, confidences: keptValues, columnCount: histories.itemCount)
    popularity = histories.popularity(perUser: settings.popularityBaskets)
    neighbours = UserNeighbourRanker(vectors, settings: settings.neighbours)
  }

  package var itemCount: Int { vectors.columnCount }

  package struct Scratch: Sendable {
    let neighbours: UserNeighbourRanker.Scratch
    let own: RowAccumulator
  }

  package func makeScratch() -> Scratch {
    Scratch(neighbours: neighbours.makeScratch(), own: RowAccumulator(count: itemCount))
  }

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      if let user = query.user {
        let range = vectors.pairs(of: user)
        score(
          query, items: vectors.columns[range], values: vectors.confidences[range], into: scores, scratch)
      } else {
        settings.fading.fold(query.history.map { CollectionOfOne($0) }, into: scratch.own)
        let items = scratch.own.touched.sorted()
        let values = items.map { Float(scratch.own.value(of: $0)) }
        scratch.own.clear()
        score(query, items: items[...], values: values[...], into: scores, scratch)
      }
    }
  }

  private func score(
    _ query: Query, items: ArraySlice<UInt32>, values: ArraySlice<Float>,
    into scores: UnsafeMutablePointer<Float>, _ scratch: Scratch
  ) {
    let own = Float(settings.ownShare)
    if own < 1 {
      items.withUnsafeBufferPointer { items in
        values.withUnsafeBufferPointer { values in
          let folded = Query(
            user: query.user, history: query.history, pairItems: items, pairConfidences: values)
          neighbours.score([folded], into: scores, scratch: scratch.neighbours)
        }
      }
    } else {
      scores.update(repeating: 0, count: itemCount)
    }
    let beta = Float(settings.popularityWeight)
    for item in 0..<itemCount { scores[item] = (1 - own) * scores[item] + beta * popularity[item] }
    for (item, value) in zip(items, values) { scores[Int(item)] += own * value }
  }
}
