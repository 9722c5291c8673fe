import Glibc
import Vocabulary

/// Random numbers that depend on a seed and a place only, so that neither threads nor order change them.
package struct SeededNumbers {
  private var state: UInt64

  /// - Parameter stream: which numbers: for example sweep, side and row. Streams do not overlap in practice.
  package init(seed: UInt64, stream: UInt64...) {
    state = stream.reduce(StableHash.mix(seed &+ 0x9e37_79b9_7f4a_7c15)) {
      StableHash.mix($0 ^ StableHash.mix($1 &+ 0x9e37_79b9_7f4a_7c15))
    }
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StableHash.mix(state)
  }

  /// In (0, 1).
  package mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

  /// Mean 0, deviation 1, by Box and Muller.
  package mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }

  /// Gamma with this shape, at least 1, and rate 1 (Marsaglia and Tsang, "A simple method for generating gamma
  /// variables", ACM TOMS 2000).
  package mutating func gamma(shape: Double) -> Double {
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      if v <= 0 { continue }
      let cube = v * v * v
      if log(uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube }
    }
  }
}
