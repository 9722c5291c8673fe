import Glibc

/// Item-to-item transitions within a window of ordered sequences, with the decay and the normalisation as
/// settings: T(i, j) = Σ over places p < q with s_p = i, s_q = j and gap g = q − p of w(g), and
/// `backwardWeight` times that for the mirror. The score is T(i, j) (r(i) + s)^−a (c(j) + s)^−b with row sums
/// r, column sums c and shrinkage s.
///
/// The sequential rules of Kamehkhosh, Jannach and Ludewig ("A comparison of frequent pattern techniques and a
/// deep learning method for session-based recommendation", TempRec at RecSys 2017) with other normalisations
/// than theirs. For data without times; `TransitionTrainer` reads events and treats equal times as one step.
package struct GapTransitionTrainer: Sendable {
  /// w(g).
  package enum Fading: Sendable, Hashable {
    /// 1/g.
    case harmonic
    /// decay^(g − 1).
    case geometric(Double)
  }

  package var window = 10
  package var fading = Fading.harmonic
  package var backwardWeight = 0.5
  package var sourceExponent = 0.5
  package var targetExponent = 0.5
  package var shrinkage = 0.0
  package var neighbours: Int

  package init(neighbours: Int) { self.neighbours = neighbours }

  /// O(places · window). Memory: `bytes`.
  package func train(
    _ sequences: SequenceStore, pool: ThreadPool, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) -> NeighbourTable {
    let n = sequences.itemCount
    let weights = (0...max(1, window)).map { gap -> Double in
      switch fading {
      case .harmonic: gap == 0 ? 0 : 1 / Double(gap)
      case .geometric(let decay): gap == 0 ? 0 : pow(decay, Double(gap - 1))
      }
    }
    let index = sequences.index()
    // Visits everything around a place that another item stands at.
    @Sendable func visit(_ place: Int, _ body: (_ to: Int, _ weight: Double) -> Void) {
      let range = sequences.places(of: Int(index.sequenceOf[place]))
      let item = sequences.items[place]
      for other in (place + 1)..<max(place + 1, min(range.upperBound, place + 1 + window))
      where sequences.items[other] != item {
        body(Int(sequences.items[other]), weights[other - place])
      }
      if backwardWeight == 0 { return }
      for other in max(range.lowerBound, place - window)..<place where sequences.items[other] != item {
        body(Int(sequences.items[other]), backwardWeight * weights[place - other])
      }
    }
    // Pieces by number of places alone, so that threads do not change a bit.
    let pieces = min(16, ShardPass.chunks(of: sequences.items.count, size: 65_536))
    let pieceSize = ShardPass.chunks(of: sequences.items.count, size: max(1, pieces))
    let sums = ShardPass.sums(shards: max(1, pieces), count: 2 * n, pool: pool) { piece, sums in
      for place in (piece * pieceSize)..<min(sequences.items.count, (piece + 1) * pieceSize) {
        let item = Int(sequences.items[place])
        visit(place) { to, weight in
          sums[item] += weight
          sums[n + to] += weight
        }
      }
    }
    let source = DegreePowers.inverse(
      Array(sums[..<n]), exponent: sourceExponent, shrinkage: shrinkage)
    let target = DegreePowers.inverse(
      Array(sums[n...]), exponent: targetExponent, shrinkage: shrinkage)
    return .build(
      count: n, width: neighbours, pool: pool, progress: progress,
      fill: { item, accumulator in
        for entry in index.itemStart[item]..<index.itemStart[item + 1] {
          visit(Int(index.places[entry])) { to, weight in
            accumulator.add(UInt32(truncatingIfNeeded: to), weight)
          }
        }
      },
      score: { item, to, value in value * Double(source[item]) * Double(target[to]) })
  }

  /// Peak bytes beyond the sequences: the index of places, the sums, the table with one full row for every item and
  /// its compact copy, accumulators and lists.
  package static func bytes(places: Int, items: Int, neighbours: Int, threads: Int) -> UInt64 {
    let (e, n, w) = (UInt64(places), UInt64(items), UInt64(neighbours))
    return 8 * e + (256 + 40) * n + 16 * w * n + UInt64(threads) * (13 * n + 16 * w)
  }
}
