import Kernels
import Models
import Vocabulary

/// The trained sources as the read path asks them: candidates of one query with fusion's score and what the
/// features are made of.
///
/// The sources that live off the running state, trending and newest, have no part in it: the daemon leaves what
/// only they name behind what these name.
package struct BlendSources: Sendable {
  /// One candidate of a query.
  package struct Pooled {
    package let row: UInt32
    package var state: BlendCandidate
    /// Σ weight / (C + rank) over the sources.
    package var fused: Double
  }

  /// Memory of one worker.
  package final class Scratch: Sendable {
    let factors: FactorRanker.Scratch
    let transitions: SharedArray<Float>
    let cooccurrence: SharedArray<Float>
    let linear: SharedArray<Float>
    let similarUsers: SharedArray<Float>
    let linearItems: LinearItemRanker.Scratch?
    let userIndex: UserIndexRanker.Scratch?
    /// Place in the candidates of the current query plus one; 0 for rows that are none.
    let places: SharedArray<Int32>

    fileprivate init(
      factors: FactorRanker.Scratch, linear linearItems: LinearItemRanker.Scratch?,
      users userIndex: UserIndexRanker.Scratch?, count: Int
    ) {
      self.factors = factors
      transitions = SharedArray(repeating: 0, count: count)
      cooccurrence = SharedArray(repeating: 0, count: count)
      linear = SharedArray(repeating: 0, count: linearItems == nil ? 0 : count)
      similarUsers = SharedArray(repeating: 0, count: userIndex == nil ? 0 : count)
      self.linearItems = linearItems
      self.userIndex = userIndex
      places = SharedArray(repeating: 0, count: count)
    }
  }

  /// Scores every item; what `candidates` is given.
  package let ials: FactorRanker
  private let popularRows: [UInt32]
  private let popularScores: [Float]
  private let transitions: NeighbourTable
  private let cooccurrence: NeighbourTable
  private let linear: LinearItemRanker?
  private let userIndex: UserIndexRanker?
  private let statistics: BlendStatistics
  private let reading: ReadingSettings

  package init(
    _ models: TrainedModels, statistics: BlendStatistics, reading: ReadingSettings = ReadingSettings()
  ) {
    ials = FactorRanker(models.factors)
    (popularRows, popularScores) = PopularityTrainer.ranking(models.popularity)
    transitions = models.transitions
    cooccurrence = models.cooccurrence
    linear = models.linear.map { LinearItemRanker($0.table) }
    userIndex = models.userNeighbours.map { UserIndexRanker($0) }
    self.statistics = statistics
    self.reading = reading
  }

  package var itemCount: Int { ials.itemCount }

  package func makeScratch() -> Scratch {
    Scratch(
      factors: ials.makeScratch(), linear: linear?.makeScratch(), users: userIndex?.makeScratch(),
      count: itemCount)
  }

  /// The candidates of a query, those of fusion's highest score first, at equal scores the lower row.
  ///
  /// - Parameters:
  ///   - ialsScores: the scores that `ials` gave the query for every item; changed by the call.
  ///   - seenRule: whether what the user has is a candidate.
  ///   - repeats: what the user had by decayed frequency, best first; a source where seen items are allowed.
  /// O(items + candidates · log).
  package func candidates(
    _ query: Query, ialsScores: UnsafeMutablePointer<Float>, seen seenRule: SeenRule = .excluded,
    repeats: [(row: UInt32, score: Float)] = [], scratch: Scratch
  ) -> [Pooled] {
    let count = itemCount
    let ranker = { (table: NeighbourTable) in
      NeighbourRanker(table, recentItems: reading.recentItems, decay: reading.recentDecay)
    }
    ranker(transitions).score([query], into: scratch.transitions.pointer, scratch: ())
    ranker(cooccurrence).score([query], into: scratch.cooccurrence.pointer, scratch: ())
    var sources:
      [(UnsafeMutablePointer<Float>, WritableKeyPath<BlendCandidate, BlendCandidate.Opinion>, SourceKind)] = [
        (scratch.transitions.pointer, \.transitions, .transitions),
        (scratch.cooccurrence.pointer, \.cooccurrence, .cooccurrence), (ialsScores, \.ials, .ials),
      ]
    if let linear, let memory = scratch.linearItems {
      linear.score([query], into: scratch.linear.pointer, scratch: memory)
      sources.append((scratch.linear.pointer, \.linear, .linear))
    }
    if let userIndex, let memory = scratch.userIndex {
      userIndex.score([query], into: scratch.similarUsers.pointer, scratch: memory)
      sources.append((scratch.similarUsers.pointer, \.similarUsers, .similarUsers))
    }
    if seenRule == .excluded {
      for item in query.pairItems {
        scratch.places[Int(item)] = -1
        for (scores, _, _) in sources { scores[Int(item)] = -.infinity }
      }
    }
    var found: [Pooled] = []
    func note(
      _ row: UInt32, _ field: WritableKeyPath<BlendCandidate, BlendCandidate.Opinion>?,
      _ opinion: BlendCandidate.Opinion, _ source: SourceKind
    ) {
      var place = Int(scratch.places[Int(row)]) - 1
      if place < 0 {
        place = found.count
        scratch.places[Int(row)] = Int32(truncatingIfNeeded: place + 1)
        var state = BlendCandidate()
        state.itemPopularity = statistics.popularity[Int(row)]
        state.itemAge = statistics.age[Int(row)]
        state.historyItems = query.pairItems.count
        found.append(Pooled(row: row, state: state, fused: 0))
      }
      if let field { found[place].state[keyPath: field] = opinion }
      found[place].fused +=
        (reading.sourceWeights[source] ?? 0) / (reading.fusionConstant + Double(opinion.rank))
    }

    var rank: UInt32 = 0
    var best: Float = 0
    for (row, score) in zip(popularRows, popularScores) where scratch.places[Int(row)] >= 0 {
      if Int(rank) >= reading.sourceWidth { break }
      rank += 1
      if rank == 1 { best = score }
      note(row, \.popular, BlendCandidate.Opinion(rank: rank, score: score, best: best), .popular)
    }
    let width = min(reading.sourceWidth, count)
    let selection = TopSelection(capacity: width)
    for (scores, field, source) in sources {
      selection.start(keeping: width)
      selection.offer(UnsafeBufferPointer(start: UnsafePointer(scores), count: count), firstIndex: 0)
      let (rows, values) = selection.finish()
      for place in 0..<rows.count where values[place] > 0 {
        let rank = UInt32(truncatingIfNeeded: place + 1)
        note(
          rows[place], field, BlendCandidate.Opinion(rank: rank, score: values[place], best: values[0]),
          source
        )
      }
    }

    for (place, own) in repeats.prefix(reading.sourceWidth).enumerated() {
      let rank = UInt32(truncatingIfNeeded: place + 1)
      note(own.row, nil, BlendCandidate.Opinion(rank: rank, score: own.score, best: own.score), .repeats)
    }

    if let last = query.history.last {
      addLast(last, transitions, \.lastTransition, to: &found, scratch)
      addLast(last, cooccurrence, \.lastCooccurrence, to: &found, scratch)
    }
    for item in query.pairItems { scratch.places[Int(item)] = 0 }
    for candidate in found { scratch.places[Int(candidate.row)] = 0 }
    found.sort { $0.fused == $1.fused ? $0.row < $1.row : $0.fused > $1.fused }
    return found
  }

  private func addLast(
    _ item: UInt32, _ table: NeighbourTable, _ field: WritableKeyPath<BlendCandidate, Float>,
    to found: inout [Pooled], _ scratch: Scratch
  ) {
    for neighbour in table.neighbours(of: Int(item)) {
      let place = Int(scratch.places[Int(table.rows[neighbour])]) - 1
      if place >= 0 { found[place].state[keyPath: field] = table.scores[neighbour] }
    }
  }
}

extension Interactions {
  /// What the blend knows of items besides the sources. O(events).
  package var blendStatistics: BlendStatistics {
    var counts = [UInt32](repeating: 0, count: itemCount)
    var first = [Int64](repeating: .max, count: itemCount)
    for event in 0..<eventCount {
      let item = Int(eventItem[event])
      if eventWeight[event] > 0 { counts[item] &+= 1 }
      first[item] = min(first[item], eventTime[event])
    }
    let ages = first.map { $0 == .max ? 0 : (Double(newestTime) - Double($0)) / 86_400e6 }
    return BlendStatistics(counts: counts, ageDays: ages)
  }
}
