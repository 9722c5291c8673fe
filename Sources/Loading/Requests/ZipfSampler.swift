import Glibc

/// Ranks 1 to `count`, rank k with probability proportional to k to the power of minus `exponent`.
///
/// Rejection-inversion: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions", ACM TOMACS 6(3), 1996. No table, so a billion ranks cost what ten do; about one round a draw.
package struct ZipfSampler: Sendable {
  package let count: Int
  package let exponent: Double
  private let areaFirst: Double
  private let areaLast: Double
  private let acceptAtOnce: Double

  /// REQUIRES: count ≥ 1, exponent finite and ≥ 0. An exponent of 0 makes all ranks equally likely.
  package init(count: Int, exponent: Double) {
    self.count = count
    self.exponent = exponent
    areaFirst = Self.area(1.5, exponent) - 1
    areaLast = Self.area(Double(count) + 0.5, exponent)
    acceptAtOnce = 2 - Self.inverse(Self.area(2.5, exponent) - Self.height(2, exponent), exponent)
  }

  /// A rank, 1 to `count`. Expected O(1).
  package func draw(_ numbers: inout SplitMix) -> Int {
    if count == 1 { return 1 }
    while true {
      let area = areaLast + numbers.nextUnit() * (areaFirst - areaLast)
      let point = Self.inverse(area, exponent)
      let nearest = min(max(point.rounded(), 1), Double(count))
      if nearest - point <= acceptAtOnce
        || area >= Self.area(nearest + 0.5, exponent) - Self.height(nearest, exponent)
      {
        return Int(exactly: nearest) ?? 1
      }
    }
  }

  private static func height(_ x: Double, _ exponent: Double) -> Double { exp(-exponent * log(x)) }

  /// The integral of `height` from 1 to x.
  private static func area(_ x: Double, _ exponent: Double) -> Double {
    let logarithm = log(x)
    let power = (1 - exponent) * logarithm
    return power.magnitude < 1e-9 ? logarithm : expm1(power) / power * logarithm
  }

  private static func inverse(_ area: Double, _ exponent: Double) -> Double {
    let scaled = max(area * (1 - exponent), -1)
    return scaled.magnitude < 1e-9 ? exp(area) : exp(log1p(scaled) / scaled * area)
  }
}
