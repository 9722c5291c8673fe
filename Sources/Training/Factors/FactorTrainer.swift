import Synchronization

/// Implicit-feedback alternating least squares (Hu, Koren and Volinsky, "Collaborative filtering for implicit
/// feedback datasets", ICDM 2008) with the loss and the frequency-scaled regularisation of Rendle, Krichene,
/// Zhang and Koren ("Revisiting the performance of iALS on item recommendation benchmarks", RecSys 2022):
///
///     Σ_observed c (1 − ŷ)² + a₀ Σ_all ŷ² + Σ_u λ(|N_u| + a₀|I|)^ν |u|² + Σ_i λ(|N_i| + a₀|U|)^ν |v|²
///
/// Every half sweep lowers this for one side, by a few steps towards the minimum or all the way, so it never grows.
package struct FactorTrainer: Sendable {
  package let settings: FactorSettings

  package init(_ settings: FactorSettings) { self.settings = settings }

  /// - Parameter pairs: users by items with confidences above zero.
  /// - Returns: nil if the numbers stopped being finite.
  package func train(
    _ pairs: PairMatrix, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> TrainedFactors? {
    let byItem = pairs.transposed()
    let d = settings.dimensions
    let users = FactorMatrix(rowCount: pairs.rowCount, dimensions: d)
    let items = FactorMatrix(rowCount: pairs.columnCount, dimensions: d)
    items.fillNormal(
      deviation: settings.initialScale / Double(d).squareRoot(), seed: settings.seed,
      rows: (0..<items.rowCount).lazy.filter { !byItem.pairs(of: $0).isEmpty })
    let halves = Double(2 * settings.iterations)
    for iteration in 0..<settings.iterations {
      guard halfSweep(of: pairs, target: users, fixed: items, pool: pool) else { return nil }
      progress(Double(2 * iteration + 1) / halves)
      guard halfSweep(of: byItem, target: items, fixed: users, pool: pool) else { return nil }
      progress(Double(2 * iteration + 2) / halves)
    }
    // The items end in their own eigenbasis, ready for fold-in; the users follow.
    guard let basis = GramBasis.turn(items, pool: pool) else { return nil }
    users.rotate(by: basis.rotation, pool: pool)
    guard items.values.elements.allSatisfy(\.isFinite) else { return nil }
    return TrainedFactors(settings: settings, users: users, items: items, basis: basis)
  }

  /// Moves every row of `target` towards its answer with `fixed` held. Turns `fixed` into its eigenbasis on the way and
  /// the target with it. Rows stand alone, so threads and chunks change nothing.
  package func halfSweep(of pairs: PairMatrix, target: FactorMatrix, fixed: FactorMatrix, pool: ThreadPool)
    -> Bool
  {
    guard let basis = GramBasis.turn(fixed, pool: pool) else { return false }
    // Where rows start from; an exact answer does not ask.
    if settings.descentSteps > 0 { target.rotate(by: basis.rotation, pool: pool) }
    let solvers = (0..<pool.threads).map { _ in Solver(settings, basis) }
    let failed = Atomic<Bool>(false)
    let chunkRows = 128
    pairs.columns.withUnsafeBufferPointer { columns in
      pairs.confidences.withUnsafeBufferPointer { confidences in
        // The buffers are only read, and outlive the run.
        nonisolated(unsafe) let (columns, confidences) = (columns, confidences)
        pool.run(tasks: ShardPass.chunks(of: target.rowCount, size: chunkRows)) { worker, chunk in
          for row in (chunk * chunkRows)..<min(target.rowCount, (chunk + 1) * chunkRows) {
            let range = pairs.pairs(of: row)
            let solved = solvers[worker].solve(
              columns: UnsafeBufferPointer(rebasing: columns[range]),
              confidences: UnsafeBufferPointer(rebasing: confidences[range]), fixed: fixed,
              regularisation: settings.regularisation(pairs: range.count, others: fixed.rowCount),
              target.row(row))
            if !solved { failed.store(true, ordering: .relaxed) }
          }
        }
      }
    }
    return !failed.load(ordering: .relaxed)
  }

  /// One worker's way to a row's answer.
  private enum Solver: Sendable {
    case descent(DescentSolver)
    case exact(RowSolver)

    init(_ settings: FactorSettings, _ basis: GramBasis) {
      let (d, weight) = (settings.dimensions, settings.unobservedWeight)
      self =
        settings.descentSteps > 0
        ? .descent(
          DescentSolver(dimensions: d, basis: basis, unobservedWeight: weight, steps: settings.descentSteps))
        : .exact(RowSolver(dimensions: d, basis: basis, unobservedWeight: weight))
    }

    func solve(
      columns: UnsafeBufferPointer<UInt32>, confidences: UnsafeBufferPointer<Float>, fixed: FactorMatrix,
      regularisation: Float, _ row: UnsafeMutablePointer<Float>
    ) -> Bool {
      switch self {
      case .descent(let solver):
        solver.improve(
          columns: columns, confidences: confidences, fixed: fixed, regularisation: regularisation, row)
      case .exact(let solver):
        solver.solve(
          columns: columns, confidences: confidences, fixed: fixed, regularisation: regularisation, into: row)
      }
    }
  }
}

/// What `FactorTrainer` makes: both sides in the eigenbasis of the items' gram matrix.
package struct TrainedFactors: Sendable {
  package let settings: FactorSettings
  package let users: FactorMatrix
  package let items: FactorMatrix
  package let basis: GramBasis

  /// The loss in double precision. O(pairs · d + (users + items) · d²).
  package func loss(_ pairs: PairMatrix, pool: ThreadPool) -> Double {
    let d = settings.dimensions
    let byItem = pairs.transposed()
    var total = 0.0
    for user in 0..<users.rowCount {
      for pair in pairs.pairs(of: user) {
        let item = items.row(Int(pairs.columns[pair]))
        var score = 0.0
        for index in 0..<d { score += Double(users.row(user)[index]) * Double(item[index]) }
        total += Double(pairs.confidences[pair]) * (1 - score) * (1 - score)
      }
    }
    let (userGram, itemGram) = (users.gram(pool: pool), items.gram(pool: pool))
    for index in 0..<(d * d) { total += settings.unobservedWeight * userGram[index] * itemGram[index] }
    for (side, rows, others) in [(users, pairs, items.rowCount), (items, byItem, users.rowCount)] {
      for row in 0..<side.rowCount {
        var norm = 0.0
        for index in 0..<d { norm += Double(side.row(row)[index]) * Double(side.row(row)[index]) }
        total += norm * Double(settings.regularisation(pairs: rows.pairs(of: row).count, others: others))
      }
    }
    return total
  }
}
