import Models
import Vocabulary

/// What the trees that serve say of every candidate of the hold-out, half of the users to fit a probability to and half
/// to check it on.
enum BlendCalibration {
  /// Nil where the hold-out is too small. O(queries · items), as one more measurement.
  static func measure(
    _ sources: BlendSources, _ trees: TreeTable, asked set: EvaluationSet, seed: UInt64, pool: ThreadPool
  ) -> Manifest.Calibration? {
    let (batch, width) = (Evaluator.batchQueries, BlendRules.poolSize)
    let margins = SharedArray<Float>(repeating: 0, count: set.count * width)
    let isRight = SharedArray<Bool>(repeating: false, count: set.count * width)
    let counts = SharedArray<Int32>(repeating: 0, count: set.count)
    let seats = (0..<pool.threads).map { _ in
      (
        scratch: sources.makeScratch(),
        scores: SharedArray<Float>(repeating: 0, count: batch * sources.itemCount)
      )
    }
    pool.run(tasks: ShardPass.chunks(of: set.count, size: batch)) { worker, task in
      let (scratch, scores) = seats[worker]
      let queries = (task * batch)..<min(set.count, (task + 1) * batch)
      set.withQueries(queries) { asked in
        sources.ials.score(asked, into: scores.pointer, scratch: scratch.factors)
        for (index, query) in asked.enumerated() {
          let number = queries.lowerBound + index
          let candidates = sources.candidates(
            query, ialsScores: scores.pointer + index * sources.itemCount, scratch: scratch
          ).prefix(width)
          let right = Set(set.relevant[set.relevantStart[number]..<set.relevantStart[number + 1]])
          for (place, margin) in CandidateRanker.margins(candidates, trees).enumerated() {
            margins[number * width + place] = margin
            isRight[number * width + place] = right.contains(candidates[candidates.startIndex + place].row)
          }
          counts[number] = Int32(truncatingIfNeeded: candidates.count)
        }
      }
    }
    var halves = [Calibrator.Sample(), Calibrator.Sample()]
    for query in 0..<set.count {
      let half = Int(StableHash.mix(StableHash.mix(seed &+ 7) ^ UInt64(query + 1)) & 1)
      halves[half].users += 1
      for place in (query * width)..<(query * width + Int(counts[query])) {
        halves[half].logOdds.append(margins[place])
        halves[half].isRight.append(isRight[place])
      }
    }
    return Calibrator.calibration(fitted: halves[0], checked: halves[1])
  }
}
