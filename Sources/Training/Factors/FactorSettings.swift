import Glibc

/// What iALS is told. Defaults follow Rendle, Krichene, Zhang and Koren (2022).
package struct FactorSettings: Sendable, Hashable {
  package var dimensions = 64
  /// Epochs; each solves all users, then all items.
  package var iterations = 12
  /// λ, above zero.
  package var regularisation = 0.003
  /// ν: how the regularisation of a row grows with the number of its pairs.
  package var regularisationExponent = 1.0
  /// a₀: the weight of every pair, observed or not. Above zero.
  package var unobservedWeight = 0.1
  /// σ: item factors start as normal numbers with standard deviation σ/√d.
  package var initialScale = 0.1
  /// Steps of conjugate gradients that move a row in each half sweep (`DescentSolver`); 0 solves it exactly
  /// (`RowSolver`), several times slower. docs/training.md has both measured.
  package var descentSteps = 3
  package var seed: UInt64 = 1

  package init() {}

  /// λ(pairs + a₀ · others)^ν, the regularisation of a row with so many pairs out of `others` columns.
  package func regularisation(pairs: Int, others: Int) -> Float {
    Float(
      regularisation * power(Double(pairs) + unobservedWeight * Double(others), regularisationExponent))
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    exponent == 1 ? base : pow(base, exponent)
  }
}
