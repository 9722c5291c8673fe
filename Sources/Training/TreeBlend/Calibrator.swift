import Glibc
import Models

/// Fits a probability to log odds, and looks how well it holds elsewhere.
package enum Calibrator {
  /// Parts of the reliability table.
  package static let parts = 10
  /// Right candidates that either half must hold: of fewer, a tenth of them shows nothing.
  package static let rightMin = 200

  /// What was said of candidates, and whether they were right.
  package struct Sample: Sendable {
    package var logOdds: [Float] = []
    package var isRight: [Bool] = []
    package var users = 0
    package init() {}
    package var right: Int { isRight.reduce(0) { $0 + ($1 ? 1 : 0) } }
  }

  /// The slope and intercept of largest likelihood, by Newton's method (Platt 1999; Lin, Lin and Weng 2007, whose halving
  /// of steps keeps it from running away). Nil where there is none: nothing or everything right, or log odds that
  /// order the candidates the wrong way.
  package static func fit(_ sample: Sample) -> (slope: Double, intercept: Double)? {
    let (count, right) = (sample.logOdds.count, sample.right)
    guard right > 0, right < count else { return nil }
    let rate = Double(right) / Double(count)
    var (slope, intercept) = (1.0, log(rate / (1 - rate)))
    func loss(_ slope: Double, _ intercept: Double) -> Double {
      var sum = 0.0
      for place in 0..<count {
        let odds = slope * Double(sample.logOdds[place]) + intercept
        // ln(1 + e^z) − y z, without overflow.
        sum += max(odds, 0) + log1p(exp(-abs(odds))) - (sample.isRight[place] ? odds : 0)
      }
      return sum
    }
    var current = loss(slope, intercept)
    for _ in 0..<50 {
      var (gradientSlope, gradientIntercept) = (0.0, 0.0)
      var (curveSlope, curveMixed, curveIntercept) = (1e-9, 0.0, 1e-9)
      for place in 0..<count {
        let x = Double(sample.logOdds[place])
        let odds = slope * x + intercept
        let p = 1 / (1 + exp(-min(max(odds, -40), 40)))
        let residual = p - (sample.isRight[place] ? 1 : 0)
        gradientSlope += residual * x
        gradientIntercept += residual
        let weight = p * (1 - p)
        curveSlope += weight * x * x
        curveMixed += weight * x
        curveIntercept += weight
      }
      let determinant = curveSlope * curveIntercept - curveMixed * curveMixed
      guard determinant > 0, determinant.isFinite else { break }
      let stepSlope = (curveIntercept * gradientSlope - curveMixed * gradientIntercept) / determinant
      let stepIntercept = (curveSlope * gradientIntercept - curveMixed * gradientSlope) / determinant
      var share = 1.0
      var next = loss(slope - stepSlope, intercept - stepIntercept)
      while !(next <= current), share > 1e-6 {
        share /= 2
        next = loss(slope - share * stepSlope, intercept - share * stepIntercept)
      }
      guard next <= current else { break }
      slope -= share * stepSlope
      intercept -= share * stepIntercept
      let gain = current - next
      current = next
      if gain <= 1e-9 * current { break }
    }
    guard slope > 0, slope.isFinite, intercept.isFinite else { return nil }
    return (slope, intercept)
  }

  /// Fits to one sample and checks on another. Nil with too few right candidates in either, or nothing to fit.
  package static func calibration(fitted: Sample, checked: Sample) -> Manifest.Calibration? {
    guard fitted.right >= rightMin, checked.right >= rightMin, let (slope, intercept) = fit(fitted) else {
      return nil
    }
    let order = checked.logOdds.indices.sorted {
      checked.logOdds[$0] == checked.logOdds[$1] ? $0 < $1 : checked.logOdds[$0] < checked.logOdds[$1]
    }
    func table(_ slope: Double, _ intercept: Double) -> (bins: [Manifest.Calibration.Bin], error: Double) {
      var bins: [Manifest.Calibration.Bin] = []
      var error = 0.0
      for part in 0..<parts {
        let places = order[(part * order.count / parts)..<((part + 1) * order.count / parts)]
        if places.isEmpty { continue }
        var (predicted, right) = (0.0, 0.0)
        for place in places {
          predicted += 1 / (1 + exp(-(slope * Double(checked.logOdds[place]) + intercept)))
          right += checked.isRight[place] ? 1 : 0
        }
        let count = Double(places.count)
        bins.append(
          Manifest.Calibration.Bin(
            predicted: predicted / count, observed: right / count, candidates: UInt64(places.count)))
        error += abs(predicted - right) / Double(order.count)
      }
      return (bins, error)
    }
    let (bins, error) = table(slope, intercept)
    return Manifest.Calibration(
      slope: slope, intercept: intercept, users: UInt64(checked.users),
      candidates: UInt64(checked.logOdds.count), right: UInt64(checked.right), bins: bins, error: error,
      errorBefore: table(1, 0).error)
  }
}
