import Glibc

/// How sure the sum of a user's event weights for one item makes a factor model.
///
/// The trainer and the read path both use it: a user vector folded in from the live history must be what
/// training would have given.
package enum Confidence {
  /// log₂(1 + weight / unit): 1 for one average event, 2 for three, growing slowly after. Zero for a sum that
  /// is not positive.
  /// - Parameter unit: mean weight of a positive event in the training data, above zero; the generation
  ///   carries it as parameter `confidenceUnit` of its factor model.
  package static func of(weight: Float, unit: Float) -> Float {
    weight > 0 && unit > 0 ? log2f(1 + weight / unit) : 0
  }

  /// What age leaves of a confidence at least, where confidences fade: none vanishes, or a user would be treated as
  /// one without any history.
  package static let fadingMin: Float = 1e-6
}
