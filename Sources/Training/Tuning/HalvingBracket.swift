import Glibc

/// How many points are measured with how much, until one is left.
///
/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
/// optimization", AISTATS 2016) with the brackets of Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar,
/// JMLR 2018): one bracket trusts small measurements and tries many points, the next trusts them less.
struct HalvingBracket: Sendable, Hashable {
  struct Rung: Sendable, Hashable {
    /// Points that are measured here.
    let points: Int
    /// Of users and iterations.
    let share: Double
  }

  let rungs: [Rung]

  /// One in so many goes on, with as many times the share.
  static let reduction = 3.0
  /// Rungs below the full measurement in the deepest bracket.
  static let depth = 2
  /// Brackets of a search at most: what is not found in some hundred points is not worth the wait.
  static let cyclesMax = 12

  /// The bracket of a cycle, deepest first.
  init(cycle: Int) {
    let below = Self.depth - cycle % (Self.depth + 1)
    let points = (Double(Self.depth + 1) / Double(below + 1) * pow(Self.reduction, Double(below)))
      .rounded(.up)
    rungs = (0...below).map { rung in
      Rung(
        points: max(1, Int(points / pow(Self.reduction, Double(rung)))),
        share: pow(Self.reduction, Double(rung - below)))
    }
  }
}
