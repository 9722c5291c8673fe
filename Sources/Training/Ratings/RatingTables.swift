import Models

/// Makes the stored form of both models of ratings from one lesson, and predicts from it, so that what is measured is
/// what is served: users folded in from their ratings, items that nobody rated at the row that stands for them.
package struct RatingTables: Sendable {
  package static var factorSettings: RatingFactorTrainer.Settings {
    var settings = RatingFactorTrainer.Settings()
    // Few samples, far apart: each is stored and folded in for every prediction, and neighbours in the chain say nearly
    // the same.
    (settings.dimensions, settings.burnIn, settings.samples, settings.thinning) = (16, 30, 8, 5)
    return settings
  }

  package let lesson: RatingLesson
  /// Rows of the item table.
  package let itemCount: Int

  package init(lesson: RatingLesson, itemCount: Int) {
    self.lesson = lesson
    self.itemCount = itemCount
  }

  /// Biases alone: one sample of width 1, whose prior is the regularisation.
  package func bias(pool: ThreadPool) -> RatingTable {
    let settings = BiasModel.Settings()
    let model = BiasModel(lesson.matrix, settings: settings, pool: pool)
    var items = [Float](repeating: 0, count: itemCount + 1)
    for (column, item) in lesson.items.enumerated() { items[Int(item)] = model.items[column] }
    return RatingTable(
      mean: model.mean, low: lesson.range.lowerBound, high: lesson.range.upperBound, samples: 1, width: 1,
      items: items, userMeans: [0], userPrecisions: [Float(settings.userRegularisation)], noise: [1])
  }

  /// Biases and factors; nil if numbers stopped being finite. Memory: `bytes`.
  package func factors(seed: UInt64, pool: ThreadPool, progress: (Double) -> Void) -> RatingTable? {
    var settings = Self.factorSettings
    settings.seed = seed
    guard let model = RatingFactorTrainer(settings).train(lesson.matrix, pool: pool, progress: progress)
    else { return nil }
    let width = settings.dimensions + 1
    var items: [Float] = []
    items.reserveCapacity(model.samples.count * (itemCount + 1) * width)
    for sample in model.samples { append(sample.items, width: width, to: &items) }
    return RatingTable(
      mean: model.mean, low: model.range.lowerBound, high: model.range.upperBound,
      samples: model.samples.count, width: width, items: items,
      userMeans: model.samples.flatMap { $0.userPrior.means.map { Float($0) } },
      userPrecisions: model.samples.flatMap { $0.userPrior.precisions.map { Float($0) } },
      noise: model.samples.map { Float($0.noise) })
  }

  /// One sample's rows in the order of the item table. Items that nobody rated, and the row behind the last, have the
  /// mean of those that somebody did.
  private func append(_ trained: FactorMatrix, width: Int, to items: inout [Float]) {
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<trained.rowCount {
      for index in 0..<width { mean[index] += Double(trained.row(row)[index]) }
    }
    let unrated = mean.map { Float($0 / Double(max(1, trained.rowCount))) }
    var column = 0
    for item in 0...itemCount {
      if column < lesson.items.count, Int(lesson.items[column]) == item {
        items.append(contentsOf: UnsafeBufferPointer(start: trained.row(column), count: width))
        column += 1
      } else {
        items.append(contentsOf: unrated)
      }
    }
  }

  /// Bytes of making and holding the tables of `items` rows from that many ratings.
  package static func bytes(ratings: Int, users: Int, items: Int, threads: Int) -> UInt64 {
    if ratings < RatingLesson.ratingsMin { return 0 }
    let taken = min(ratings, RatingLesson.ratingsMax)
    let table = 4 * UInt64(factorSettings.samples * (factorSettings.dimensions + 1)) * UInt64(items + 1)
    let lesson = 48 * UInt64(ratings) + 8 * UInt64(taken + items)
    return lesson + table
      + RatingFactorTrainer.bytes(
        ratings: taken, users: min(users, taken), items: min(items, taken), settings: factorSettings,
        threads: threads)
  }
}

extension RatingTable {
  /// What a user with these ratings would give the items asked about; rows of the item table, or one more for an item
  /// that nobody rated. The arithmetic is that of `RatingModel`, in 64 bits. O(samples · (ratings · width² + width³)).
  package func predict(rated: [UInt32], values: [Float], asked: [Int]) -> [Double] {
    var sums = [Double](repeating: 0, count: asked.count)
    let rows = items.count / (samples * width)
    let seat = GibbsSeat(width: width)
    let user = SharedArray<Float>(repeating: 0, count: width)
    items.withUnsafeBufferPointer { items in
      for sample in 0..<samples {
        guard let table = items.baseAddress.map({ $0 + sample * rows * width }) else { return }
        let places = sample * width..<(sample + 1) * width
        seat.solve(
          columns: rated[...], ratings: values[...], mean: mean,
          prior: GibbsPrior(
            means: userMeans[places].map { Double($0) }, precisions: userPrecisions[places].map { Double($0) }
          ),
          noise: Double(noise[sample]), row: { table + $0 * width }, into: user.pointer
        ) { 0 }
        for place in asked.indices {
          sums[place] += RatingFactors.score(user.pointer, table + asked[place] * width, width)
        }
      }
    }
    return sums.map { min(max(mean + $0 / Double(samples), low), high) }
  }
}
