import Kernels
import Models

/// Memory of the learned blend, reused from request to request.
package final class BlendScratch {
  /// Candidate numbers, fusion's best first.
  package internal(set) var pool: [UInt32] = []
  /// The candidates that trees can judge, and fusion's score of each.
  var judged: [UInt32] = []
  var judgedScores: [Float] = []
  /// Room for the best of these.
  private let best: UnsafeMutableBufferPointer<UInt32>
  private let bestScores: UnsafeMutableBufferPointer<Float>
  /// Row and state of each of the pool.
  private(set) var rows: [UInt32] = []
  package private(set) var states: [BlendCandidate] = []
  /// By candidate number.
  private(set) var isPooled: [Bool] = []
  /// By candidate number, −1 where nothing is known; empty where trees had no say.
  var calibrated: [Float] = []
  /// Room for the features and log odds of a whole pool. Trees read it through a pointer, and nothing else refers
  /// to it.
  package let features: UnsafeMutablePointer<Float>
  package let margins: UnsafeMutablePointer<Float>

  init() {
    features = .allocate(capacity: BlendRules.poolSize * BlendFeature.count)
    features.initialize(repeating: 0, count: BlendRules.poolSize * BlendFeature.count)
    margins = .allocate(capacity: BlendRules.poolSize)
    margins.initialize(repeating: 0, count: BlendRules.poolSize)
    best = .allocate(capacity: BlendRules.poolSize)
    best.initialize(repeating: 0)
    bestScores = .allocate(capacity: BlendRules.poolSize)
    bestScores.initialize(repeating: 0)
  }

  deinit {
    features.deallocate()
    margins.deallocate()
    best.deallocate()
    bestScores.deallocate()
  }

  /// Whether trees ordered the pool of this request, and what the scores of all others were multiplied with then.
  package internal(set) var isOrdering = false
  var restScale = 1.0

  /// A candidate's place in the pool, nil if trees did not judge it. O(pool): for explanations.
  func place(of number: Int) -> Int? { pool.firstIndex { Int($0) == number } }

  /// Notes by candidate number who is in the pool.
  func markPooled() {
    isPooled.withUnsafeMutableBufferPointer { isPooled in
      for number in pool { isPooled[Int(number)] = true }
    }
  }

  /// Row and state of each of the pool, to be written and put back: nothing refers to them meanwhile, so nothing is copied.
  func takeDescriptions() -> (rows: [UInt32], states: [BlendCandidate]) {
    var taken: (rows: [UInt32], states: [BlendCandidate]) = ([], [])
    swap(&taken.rows, &rows)
    swap(&taken.states, &states)
    return taken
  }

  func putBack(_ rows: consuming [UInt32], _ states: consuming [BlendCandidate]) {
    self.rows = rows
    self.states = states
  }

  /// Makes the best of `judged` the pool; of equal ones the one that was named first.
  func choosePool() {
    let count = judgedScores.withUnsafeBufferPointer { scores in
      judged.withUnsafeBufferPointer { BestScores.choose(scores, $0, into: best, bestScores) }
    }
    pool.append(contentsOf: best[..<count])
  }

  /// Forgets the last request.
  func begin(candidates: Int) {
    pool.removeAll(keepingCapacity: true)
    judged.removeAll(keepingCapacity: true)
    judgedScores.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    states.removeAll(keepingCapacity: true)
    isPooled.removeAll(keepingCapacity: true)
    calibrated.removeAll(keepingCapacity: true)
    isPooled.append(contentsOf: repeatElement(false, count: candidates))
    calibrated.append(contentsOf: repeatElement(-1, count: candidates))
  }

  /// Forgets what the last request's trees said: this one may ask none.
  func forget() { calibrated.removeAll(keepingCapacity: true) }

  /// The probability of a candidate, nil where nothing is known.
  func probability(of number: Int) -> Float? {
    number < calibrated.count && calibrated[number] >= 0 ? calibrated[number] : nil
  }
}
