import COpenBLAS
import Glibc

/// Biased matrix factorisation for ratings, by Gibbs sampling: r̂ = μ + b_u + b_i + ⟨p_u, q_i⟩, averaged over samples
/// of the posterior (Salakhutdinov and Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte
/// Carlo", ICML 2008; a prior for each dimension with its own mean and precision as in Rendle, "Factorization
/// machines with libFM", ACM TIST 2012).
///
/// Sampling instead of gradient descent because there is no learning rate and no regularisation to tune, each row is
/// solved alone (so rows run in parallel and depend on the seed only), and averaging beats a single best solution.
package struct RatingFactorTrainer: Sendable {
  package struct Settings: Sendable, Hashable {
    package var dimensions = 16
    /// Sweeps before the first sample is kept.
    package var burnIn = 30
    /// Samples kept; each is a full set of factors.
    package var samples = 40
    /// Sweeps from one kept sample to the next.
    package var thinning = 2
    package var seed: UInt64 = 1
    package init() {}
  }

  package let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  /// O((burn-in + samples · thinning) · (ratings · d² + rows · d³)). Memory: `bytes`.
  ///
  /// - Returns: nil without ratings or if numbers stopped being finite.
  package func train(
    _ ratings: RatingMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> RatingFactors? {
    guard ratings.pairCount > 0 else { return nil }
    let byItem = ratings.transposed()
    let width = settings.dimensions + 1
    let mean = ratings.confidences.reduce(0.0) { $0 + Double($1) } / Double(ratings.pairCount)
    var users = FactorMatrix(rowCount: ratings.rowCount, dimensions: width)
    var items = FactorMatrix(rowCount: ratings.columnCount, dimensions: width)
    users.fillNormal(deviation: 0.1, seed: settings.seed, rows: 0..<users.rowCount)
    items.fillNormal(deviation: 0.1, seed: settings.seed &+ 1, rows: 0..<items.rowCount)
    let seats = (0..<pool.threads).map { _ in GibbsSeat(width: width) }
    var kept: [RatingFactors.Sample] = []
    let sweeps = settings.burnIn + settings.samples * settings.thinning
    for sweep in 0..<sweeps {
      let noise = noisePrecision(ratings, mean, users, items, sweep: sweep, pool: pool)
      let userPrior = GibbsPrior(of: users, seed: settings.seed, sweep: sweep, side: 0)
      draw(ratings, mean, userPrior, noise, fixed: items, into: users, sweep, side: 0, seats, pool)
      let itemPrior = GibbsPrior(of: items, seed: settings.seed, sweep: sweep, side: 1)
      draw(byItem, mean, itemPrior, noise, fixed: users, into: items, sweep, side: 1, seats, pool)
      let age = sweep - settings.burnIn
      if age >= 0, age % settings.thinning == settings.thinning - 1 {
        guard users.values.elements.allSatisfy(\.isFinite), items.values.elements.allSatisfy(\.isFinite)
        else {
          return nil
        }
        kept.append(.init(users: users, items: items, userPrior: userPrior, noise: noise))
        // The kept sample owns its memory; the chain goes on in a copy.
        users = users.copied()
        items = items.copied()
      }
      progress(Double(sweep + 1) / Double(sweeps))
    }
    let (low, high) = ratings.confidences.reduce((Float.infinity, -Float.infinity)) {
      (min($0.0, $1), max($0.1, $1))
    }
    return RatingFactors(mean: mean, range: Double(low)...Double(high), samples: kept)
  }

  /// Draws every row of one side given the other.
  private func draw(
    _ matrix: PairMatrix, _ mean: Double, _ prior: GibbsPrior, _ noise: Double, fixed: FactorMatrix,
    into target: FactorMatrix, _ sweep: Int, side: UInt64, _ seats: [GibbsSeat], _ pool: ThreadPool
  ) {
    let chunkRows = 64
    let seed = settings.seed
    pool.run(tasks: ShardPass.chunks(of: matrix.rowCount, size: chunkRows)) { worker, chunk in
      for row in (chunk * chunkRows)..<min(matrix.rowCount, (chunk + 1) * chunkRows) {
        var numbers = SeededNumbers(seed: seed, stream: UInt64(sweep), 2 + side, UInt64(row))
        let range = matrix.pairs(of: row)
        seats[worker].solve(
          columns: matrix.columns[range], ratings: matrix.confidences[range], mean: mean, prior: prior,
          noise: noise, fixed: fixed, into: target.row(row)
        ) { numbers.normal() }
      }
    }
  }

  /// A draw of the precision of the ratings around their predictions. Errors are summed in pieces of rows, in
  /// order.
  private func noisePrecision(
    _ ratings: PairMatrix, _ mean: Double, _ users: FactorMatrix, _ items: FactorMatrix, sweep: Int,
    pool: ThreadPool
  ) -> Double {
    let pieceRows = 256
    let pieces = ShardPass.chunks(of: ratings.rowCount, size: pieceRows)
    let errors = SharedArray<Double>(repeating: 0, count: pieces)
    pool.run(tasks: pieces) { _, piece in
      var sum = 0.0
      for user in (piece * pieceRows)..<min(ratings.rowCount, (piece + 1) * pieceRows) {
        for pair in ratings.pairs(of: user) {
          let predicted =
            mean
            + RatingFactors.score(users.row(user), items.row(Int(ratings.columns[pair])), users.dimensions)
          let error = Double(ratings.confidences[pair]) - predicted
          sum += error * error
        }
      }
      errors[piece] = sum
    }
    var numbers = SeededNumbers(seed: settings.seed, stream: UInt64(sweep), 4)
    let total = errors.elements.reduce(0, +)
    return numbers.gamma(shape: 1 + Double(ratings.pairCount) / 2) / (0.5 + total / 2)
  }

  /// Peak bytes beyond the ratings: their transpose, every kept sample, the chain, the seats.
  package static func bytes(ratings: Int, users: Int, items: Int, settings: Settings, threads: Int) -> UInt64
  {
    let (r, rows) = (UInt64(ratings), UInt64(users + items))
    let width = UInt64(settings.dimensions + 1)
    return 8 * r + 16 * rows + 4 * width * rows * UInt64(settings.samples + 1)
      + UInt64(threads) * 8 * (width * width + 3 * width)
  }
}

extension FactorMatrix {
  fileprivate func copied() -> FactorMatrix {
    let copy = FactorMatrix(rowCount: rowCount, dimensions: dimensions)
    copy.values.pointer.update(from: values.pointer, count: values.count)
    return copy
  }
}
