import Glibc

/// How probable it is that each of several unknown rates is the largest.
///
/// Thompson sampling (Thompson 1933) plays an arm with just this probability. Drawing a rate for each arm and playing
/// the largest does so without ever knowing the probability; here it is worked out, and then drawn from: so the
/// probability that is told is the one that was used, exactly, whatever error the working out has.
///
/// With density fᵢ and distribution Fᵢ of rate i, P(i) = ∫ fᵢ Π_{j≠i} Fⱼ, summed over 128 strips of the square root of
/// the rate: rates are small, and the root gives them most of the strips.
package enum BestArm {
  static let strips = 128

  /// Memory, reused from list to list.
  package final class Memory {
    /// Share of arm i below strip g, half of what is in the strip included: `below[i * strips + g]`.
    var below: [Double] = []
    var inside: [Double] = []
    /// Sums to 1.
    package internal(set) var chances: [Double] = []
    var logRate: [Double] = []
    var logRest: [Double] = []
    var logWidth: [Double] = []

    package init() {
      for strip in 0..<strips {
        let root = (Double(strip) + 0.5) / Double(strips)
        logRate.append(2 * log(root))
        logRest.append(log(1 - root * root))
        logWidth.append(log(2 * root))
      }
    }
  }

  /// Leaves in `memory.chances` the probability of each arm, whose rate is distributed as Beta(alpha, beta).
  /// O(arms · strips). REQUIRES: as many of both, all above 0.
  package static func work(_ alphas: ArraySlice<Double>, _ betas: ArraySlice<Double>, _ memory: Memory) {
    let count = alphas.count
    memory.chances.removeAll(keepingCapacity: true)
    memory.below.removeAll(keepingCapacity: true)
    memory.inside.removeAll(keepingCapacity: true)
    for arm in 0..<count {
      let (alpha, beta) = (alphas[alphas.startIndex + arm], betas[betas.startIndex + arm])
      // New items mostly stand alike: nothing was seen of them yet.
      if arm > 0, alpha == alphas[alphas.startIndex + arm - 1], beta == betas[betas.startIndex + arm - 1] {
        let last = (arm - 1) * strips
        for strip in 0..<strips {
          memory.inside.append(memory.inside[last + strip])
          memory.below.append(memory.below[last + strip])
        }
      } else {
        append(alpha, beta, memory)
      }
      memory.chances.append(0)
    }
    var sum = 0.0
    for arm in 0..<count {
      var chance = 0.0
      for strip in 0..<strips where memory.inside[arm * strips + strip] > 0 {
        var product = memory.inside[arm * strips + strip]
        for other in 0..<count where other != arm { product *= memory.below[other * strips + strip] }
        chance += product
      }
      memory.chances[arm] = chance
      sum += chance
    }
    for arm in 0..<count { memory.chances[arm] = sum > 0 ? memory.chances[arm] / sum : 1 / Double(count) }
  }

  private static func append(_ alpha: Double, _ beta: Double, _ memory: Memory) {
    var top = -Double.infinity
    let first = memory.inside.count
    for strip in 0..<strips {
      let density =
        (alpha - 1) * memory.logRate[strip] + (beta - 1) * memory.logRest[strip] + memory.logWidth[strip]
      memory.inside.append(density)
      top = max(top, density)
    }
    var sum = 0.0
    for strip in 0..<strips {
      let mass = exp(memory.inside[first + strip] - top)
      memory.inside[first + strip] = mass
      sum += mass
    }
    var below = 0.0
    for strip in 0..<strips {
      let mass = memory.inside[first + strip] / sum
      memory.inside[first + strip] = mass
      memory.below.append(below + mass / 2)
      below += mass
    }
  }
}
