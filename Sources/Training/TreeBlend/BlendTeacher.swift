import Models
import Vocabulary

/// Makes the lesson for the trees: asks sources that know only the past about users, and looks at what they did
/// next.
///
/// Labels come from events that no source has seen. Sources that knew them would put them on top, and trees would
/// learn to believe a source for what it had only remembered.
struct BlendTeacher {
  /// Users asked at most; more hardly change trees of this size.
  static let queriesMax = 10_000
  /// Rows of one user: more would let a few busy users outweigh the rest.
  static let positivesMax = 20
  static let negativesMax = 40
  /// Fewer positives than these teach chance.
  static let learningPositivesMin = 200
  static let validationPositivesMin = 50
  /// One user in so many is held back to say when to stop.
  static let validationEvery: UInt64 = 5

  private let sources: BlendSources
  private let set: EvaluationSet
  private let seed: UInt64

  init(_ sources: BlendSources, asked set: EvaluationSet, seed: UInt64) {
    self.sources = sources
    self.set = set
    self.seed = seed
  }

  /// The rows of all users, in the users' order whatever the threads. O(queries · items).
  func lesson(pool: ThreadPool) -> BlendLesson {
    let queries = drawn
    let (width, perQuery) = (BlendFeature.count, Self.positivesMax + Self.negativesMax)
    let features = SharedArray<Float>(repeating: 0, count: queries.count * perQuery * width)
    let positives = SharedArray<Int32>(repeating: 0, count: queries.count)
    let rows = SharedArray<Int32>(repeating: 0, count: queries.count)
    let batch = Evaluator.batchQueries
    let seats = (0..<pool.threads).map { _ in
      (
        scratch: sources.makeScratch(),
        scores: SharedArray<Float>(repeating: 0, count: batch * sources.itemCount)
      )
    }
    pool.run(tasks: ShardPass.chunks(of: queries.count, size: batch)) { worker, task in
      let (scratch, scores) = seats[worker]
      let places = (task * batch)..<min(queries.count, (task + 1) * batch)
      set.withQueries(queries[places]) { asked in
        sources.ials.score(asked, into: scores.pointer, scratch: scratch.factors)
        for (index, query) in asked.enumerated() {
          let place = places.lowerBound + index
          let candidates = sources.candidates(
            query, ialsScores: scores.pointer + index * sources.itemCount, scratch: scratch)
          let chosen = choose(candidates.prefix(BlendRules.poolSize), query: queries[place])
          positives[place] = Int32(truncatingIfNeeded: chosen.positives)
          rows[place] = Int32(truncatingIfNeeded: chosen.rows.count)
          for (row, candidate) in chosen.rows.enumerated() {
            candidate.state.write(into: features.pointer + (place * perQuery + row) * width)
          }
        }
      }
    }
    var lesson = BlendLesson()
    for (place, query) in queries.enumerated() where rows[place] > 0 {
      let start = place * perQuery * width
      let block = features.elements[start..<(start + Int(rows[place]) * width)]
      let right = Int(positives[place])
      if hash(query, 0) % Self.validationEvery == 0 {
        lesson.validation.append(block, right: right, of: Int(rows[place]))
      } else {
        lesson.learning.append(block, right: right, of: Int(rows[place]))
      }
    }
    return lesson
  }

  private var drawn: [Int] {
    guard set.count > Self.queriesMax else { return Array(0..<set.count) }
    return (0..<set.count).map { (hash($0, 1), $0) }.sorted { $0 < $1 }.prefix(Self.queriesMax).map(\.1)
      .sorted()
  }

  /// Depends on the user's number only, and differently for each purpose.
  private func hash(_ query: Int, _ purpose: UInt64) -> UInt64 {
    StableHash.mix(StableHash.mix(seed &+ purpose) ^ UInt64(query + 1))
  }

  /// What was right, best of fusion first, then a draw of what was not. Empty if nothing in the pool was right:
  /// such a user says nothing about order.
  private func choose(_ pool: ArraySlice<BlendSources.Pooled>, query: Int) -> (
    rows: [BlendSources.Pooled], positives: Int
  ) {
    let right = set.relevant[set.relevantStart[query]..<set.relevantStart[query + 1]]
    func isRight(_ row: UInt32) -> Bool {
      var (low, high) = (right.startIndex, right.endIndex)
      while low < high {
        let middle = (low + high) / 2
        if right[middle] < row { low = middle + 1 } else { high = middle }
      }
      return low < right.endIndex && right[low] == row
    }
    var chosen = Array(pool.lazy.filter { isRight($0.row) }.prefix(Self.positivesMax))
    let positives = chosen.count
    if positives == 0 { return ([], 0) }
    let salt = hash(query, 2)
    let wrong = pool.filter { !isRight($0.row) }
      .map { (StableHash.mix(salt ^ UInt64($0.row)), $0) }
      .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }
    chosen.append(contentsOf: wrong.prefix(Self.negativesMax).map(\.1))
    return (chosen, positives)
  }
}

extension BlendLesson.Part {
  /// The rows of one user, those that were right first.
  fileprivate mutating func append(_ block: Slice<UnsafeBufferPointer<Float>>, right: Int, of rows: Int) {
    features.append(contentsOf: block)
    labels.append(contentsOf: repeatElement(1, count: right))
    labels.append(contentsOf: repeatElement(0, count: rows - right))
    positives += right
  }
}
