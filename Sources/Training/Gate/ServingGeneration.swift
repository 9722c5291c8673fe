import Models
import Vocabulary

/// The generation that serves, as an opponent: its stored models asked as the read path asks them.
struct ServingGeneration: Sendable {
  let number: GenerationNumber
  /// The last position it was trained on; nothing behind it is known to it.
  let trainedTo: Position
  /// Absent if it cannot be opened; then `problem` says why.
  private let generation: Generation?
  let problem: String

  private init(number: GenerationNumber, trainedTo: Position, generation: Generation?, problem: String) {
    self.number = number
    self.trainedTo = trainedTo
    self.generation = generation
    self.problem = problem
  }

  /// Nil if none serves. One that cannot be opened is no reason not to train: it is said and not compared.
  /// - Parameter number: nil takes what `current` points to; `none` says that nothing serves.
  static func find(on shelf: GenerationShelf, number wanted: GenerationNumber?, tenant: TenantName)
    -> ServingGeneration?
  {
    let current = try? shelf.current()
    guard let number = wanted ?? current, number != .none else { return nil }
    do throws(ModelFault) {
      let generation = try Generation.open(at: shelf.path(of: number), tenant: tenant)
      return ServingGeneration(
        number: number, trainedTo: generation.manifest.position, generation: generation, problem: "")
    } catch {
      return ServingGeneration(
        number: number, trainedTo: .zero, generation: nil, problem: "It cannot be opened: \(error)")
    }
  }

  var name: String { "generation \(number.value)" }

  /// Its order over the rows of other data, nil if it cannot be opened. Copies its models: O(bytes).
  /// - Parameters:
  ///   - users: of the questions, by number: nobody is their own neighbour.
  ///   - unit: the confidence unit of the questions.
  func ranker(over items: [ItemIdentifier], users: [UserIdentifier], unit: Float, pool: ThreadPool)
    -> ServingRanker?
  {
    guard let generation, let models = TrainedModels(generation, asking: users, pool: pool) else {
      return nil
    }
    let statistics = generation.blend.map {
      BlendStatistics(logPopularity: Array($0.popularity), logAge: Array($0.age))
    }
    let none = BlendStatistics(
      logPopularity: [Float](repeating: 0, count: generation.itemCount),
      logAge: [Float](repeating: 0, count: generation.itemCount))
    let sources = BlendSources(models, statistics: statistics ?? none)
    var rows: [ItemIdentifier: UInt32] = [:]
    rows.reserveCapacity(generation.itemCount)
    for row in 0..<generation.itemCount { rows[generation.identifier(of: row)] = UInt32(row) }
    return ServingRanker(
      CandidateRanker(sources, trees: generation.blend?.trees), rowOf: items.map { rows[$0] ?? .max },
      unit: unit, servingUnit: models.confidenceUnit)
  }
}

extension TrainedModels {
  /// The stored models of a generation that the read path asks, in its own rows. What it lacks is empty: it names nothing and scores nothing.
  /// - Returns: nil if its factors have no eigenbasis, which means numbers that are not finite.
  init?(_ generation: Generation, asking users: [UserIdentifier], pool: ThreadPool) {
    let count = generation.itemCount
    var popularity = [Float](repeating: 0, count: count)
    if let model = generation.popularity {
      for (row, score) in zip(model.rows, model.scores) { popularity[Int(row)] = score }
    }
    var settings = FactorSettings()
    settings.dimensions = generation.factors?.dimensions ?? 1
    let items = FactorMatrix(rowCount: count, dimensions: settings.dimensions)
    if let factors = generation.factors {
      settings.regularisation = factors.regularisation
      settings.regularisationExponent = factors.regularisationExponent
      settings.unobservedWeight = factors.unobservedWeight
      if let base = factors.rows.baseAddress {
        items.values.pointer.update(from: base, count: count * settings.dimensions)
      }
    }
    guard let basis = GramBasis.turn(items, pool: pool) else { return nil }
    let unit = Float(generation.factors?.parameters["confidenceUnit"] ?? 1)
    self.init(
      popularity: popularity, segments: SegmentTable(),
      transitions: NeighbourTable(generation.transitions, rows: count),
      cooccurrence: NeighbourTable(generation.cooccurrence, rows: count),
      itemNeighbours: NeighbourTable(nil, rows: count),
      linear: generation.linear.map {
        LinearItems(kind: .filter, table: NeighbourTable($0, rows: count), parameters: [:])
      },
      userNeighbours: generation.userNeighbours.map { model in
        let index = model.index
        return withExtendedLifetime(generation) {
          UserNeighbourTable(
            keys: Array(index.keys), userOffsets: Array(index.userOffsets), userRows: Array(index.userRows),
            userScores: Array(index.userScores), itemOffsets: Array(index.itemOffsets),
            itemUsers: Array(index.itemUsers), itemScores: Array(index.itemScores),
            itemWeights: Array(index.itemWeights), neighbours: index.neighbours,
            userKeys: users.map { StableHash.of($0.bytes) })
        }
      },
      factors: TrainedFactors(
        settings: settings, users: FactorMatrix(rowCount: 0, dimensions: settings.dimensions), items: items,
        basis: basis),
      confidenceUnit: unit > 0 && unit.isFinite ? unit : 1)
  }
}

extension NeighbourTable {
  /// A stored table; without one, a row without neighbours for each item.
  fileprivate init(_ model: NeighbourModel?, rows count: Int) {
    guard let model else {
      self.init(rowStart: [Int](repeating: 0, count: count + 1), rows: [], scores: [])
      return
    }
    var start = [0]
    start.reserveCapacity(count + 1)
    var rows: [UInt32] = []
    var scores: [Float] = []
    for row in 0..<count {
      let (neighbours, weights) = model.neighbours(of: row)
      rows.append(contentsOf: neighbours)
      scores.append(contentsOf: weights)
      start.append(rows.count)
    }
    self.init(rowStart: start, rows: rows, scores: scores)
  }
}
