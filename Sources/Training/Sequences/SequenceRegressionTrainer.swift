import COpenBLAS
import Glibc

/// Linear regression from a fading history to what comes next (the transition part of SLIST, Choi, Kim, Lee, Shim
/// and Lee, "Session-aware linear item-item models for session-based recommendation", WWW 2021).
///
/// At every place t of a sequence the input is x_t = Σ_{p ≤ t} α^(t−p) e(s_p) and the target
/// y_t = Σ_{q > t} β^(q−t−1) e(s_q); B minimises Σ_t |y_t − x_t B|² + λ|B|², so B = (XᵀX + λI)^−1 XᵀY. Both
/// products are sums over pairs of places by their gap g, which costs places · window and not the square of
/// the history:
///
///     XᵀX gets α^g (1 − α^(2(L−q))) / (1 − α²)     for places p ≤ q, and its mirror, L the sequence's length
///     XᵀY gets (α^g − β^g) / (α − β)                for places p < q,  g α^(g−1) if α = β
package struct SequenceRegressionTrainer: Sendable {
  /// α in (0, 1): how fast the history fades, place by place.
  package var inputDecay = 0.8
  /// β in [0, 1): 0 asks for the next item only, more for what comes after it as well.
  package var outputDecay = 0.2
  /// λ.
  package var regularisation = 30.0
  /// Gaps of more places are left out.
  package var window = 30
  /// Degree of a target to this power divides its weights: 0 asks for the expected next item, above it rare
  /// items gain.
  package var targetExponent = 0.1
  /// Whether an item may follow itself.
  package var keepsRepeats = false

  package init() {}

  /// 2 · items³ multiplications and places · window additions. Memory: `bytes`.
  ///
  /// - Returns: nil if the matrix could not be inverted.
  package func train(
    _ sequences: SequenceStore, pool: ThreadPool, progress: (Double) -> Void = { _ in }
  ) -> DenseItemModel? {
    let n = sequences.itemCount
    let inputs = SharedArray<Float>(repeating: 0, count: n * n)
    let targets = SharedArray<Float>(repeating: 0, count: n * n)
    let index = sequences.index()
    let (inputWeight, targetWeight) = weights()
    let (alpha, lambda) = (inputDecay, Float(regularisation))
    let chunkRows = 32
    pool.run(tasks: ShardPass.chunks(of: n, size: chunkRows)) { _, chunk in
      for item in (chunk * chunkRows)..<min(n, (chunk + 1) * chunkRows) {
        let (left, right) = (inputs.pointer + item * n, targets.pointer + item * n)
        for entry in index.itemStart[item]..<index.itemStart[item + 1] {
          let place = Int(index.places[entry])
          let range = sequences.places(of: Int(index.sequenceOf[place]))
          let ownTail = tail(alpha, range.upperBound - place)
          left[item] += Float(ownTail * inputWeight[0])
          for other in (place + 1)..<max(place + 1, min(range.upperBound, place + 1 + window)) {
            let to = Int(sequences.items[other])
            left[to] += Float(inputWeight[other - place] * tail(alpha, range.upperBound - other))
            right[to] += Float(targetWeight[other - place])
          }
          for other in max(range.lowerBound, place - window)..<place {
            left[Int(sequences.items[other])] += Float(inputWeight[place - other] * ownTail)
          }
        }
        left[item] += lambda
      }
    }
    progress(0.1)
    guard SymmetricInverse.invert(inputs, count: n, pool: pool, progress: { progress(0.1 + 0.6 * $0) }) else {
      return nil
    }
    let result = multiply(inputs, targets, n, pool: pool)
    finish(result, sequences, pool: pool)
    return DenseItemModel(itemCount: n, weights: result)
  }

  /// Weights by gap, without the tail of XᵀX that depends on the place.
  private func weights() -> (input: [Double], target: [Double]) {
    let (a, b) = (inputDecay, outputDecay)
    let input = (0...window).map { pow(a, Double($0)) / (1 - a * a) }
    let target = (0...window).map { gap in
      let g = Double(gap)
      if gap == 0 { return 0.0 }
      return abs(a - b) < 1e-9 ? g * pow(a, g - 1) : (pow(a, g) - (b == 0 ? 0 : pow(b, g))) / (a - b)
    }
    return (input, target)
  }

  /// 1 − α^(2 rest): the share of the endless geometric sum that `rest` places hold.
  @inline(__always)
  private func tail(_ alpha: Double, _ rest: Int) -> Double { 1 - pow(alpha, Double(2 * rest)) }

  /// A · B in rows of one task each.
  private func multiply(_ a: SharedArray<Float>, _ b: SharedArray<Float>, _ n: Int, pool: ThreadPool)
    -> SharedArray<Float>
  {
    let result = SharedArray<Float>(repeating: 0, count: n * n)
    let rows = 256
    pool.run(tasks: ShardPass.chunks(of: n, size: rows)) { _, chunk in
      let first = chunk * rows
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(min(rows, n - first)), blasint(n), blasint(n), 1,
        a.pointer + first * n, blasint(n), b.pointer, blasint(n), 0, result.pointer + first * n, blasint(n))
    }
    return result
  }

  private func finish(_ weights: SharedArray<Float>, _ sequences: SequenceStore, pool: ThreadPool) {
    let n = sequences.itemCount
    var degrees = [Double](repeating: 0, count: n)
    for item in sequences.items { degrees[Int(item)] += 1 }
    let scale = DegreePowers.inverse(degrees, exponent: targetExponent)
    for item in 0..<n {
      let row = weights.pointer + item * n
      for other in 0..<n { row[other] *= scale[other] }
      if !keepsRepeats { row[item] = 0 }
    }
  }

  /// Peak bytes beyond the sequences: three square matrices, the index of places.
  package static func bytes(places: Int, sequences: Int, items: Int) -> UInt64 {
    let n = UInt64(items)
    return 12 * n * n + 8 * UInt64(places) + 40 * n + SymmetricInverse.bytes(items)
  }

  /// Whether a catalogue of this size fits into so much memory.
  package static func fits(places: Int, sequences: Int, items: Int, memoryLimit: UInt64) -> Bool {
    items <= 1 << 20 && bytes(places: places, sequences: sequences, items: items) <= memoryLimit
  }
}
