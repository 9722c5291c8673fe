import Glibc

/// What each feature of `ContentText` counts: the inverse document frequency of a word or n-gram, a constant for a fact.
/// Features without a weight say nothing.
package struct ContentWeights: Sendable {
  /// Features with a weight, ascending.
  package let numbers: [UInt32]
  /// Above zero and finite.
  package let weights: [Float]
  /// Place of each feature in the two lists above; -1 where it has none.
  private let places: [Int32]

  /// REQUIRES: numbers ascend and are below `2 * ContentText.buckets`; as many weights.
  package init(numbers: [UInt32], weights: [Float]) {
    self.numbers = numbers
    self.weights = weights
    var places = [Int32](repeating: -1, count: 2 * ContentText.buckets)
    for (place, number) in numbers.enumerated() where Int(number) < places.count {
      places[Int(number)] = Int32(truncatingIfNeeded: place)
    }
    self.places = places
  }

  package var count: Int { numbers.count }

  /// An entry as a sparse vector: its text (1 + ln count) · weight scaled to length one, beside it the weights of its facts.
  /// Calls `body` with place and value of each feature that has a weight, places ascending. O(features).
  package func forEach(_ features: some Collection<ContentText.Feature>, _ body: (Int, Float) -> Void) {
    var square: Float = 0
    for feature in features where feature.isText {
      let place = Int(places[feature.number])
      if place >= 0 {
        let value = Self.value(feature.count) * weights[place]
        square += value * value
      }
    }
    let scale = square > 0 ? 1 / square.squareRoot() : 0
    for feature in features {
      let place = Int(places[feature.number])
      guard place >= 0 else { continue }
      body(place, feature.isText ? Self.value(feature.count) * weights[place] * scale : weights[place])
    }
  }

  private static func value(_ count: Int) -> Float { 1 + log(Float(count)) }
}
