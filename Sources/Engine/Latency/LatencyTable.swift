import Locking
import Vocabulary

/// Latencies by method and by step of one event loop.
final class LatencyTable: Sendable {
  private let methods: [LatencyHistogram]
  private let steps: [LatencyHistogram]

  /// Both enumerations are small but have gaps, so they are indexed by place.
  private static let methodPlaces: [Int] = places(Method.allCases.map { Int($0.rawValue) })
  private static let stepPlaces: [Int] = places(StepKind.allCases.map { Int($0.rawValue) })

  private static func places(_ rawValues: [Int]) -> [Int] {
    var places = [Int](repeating: 0, count: (rawValues.max() ?? 0) + 1)
    for (place, rawValue) in rawValues.enumerated() { places[rawValue] = place }
    return places
  }

  init() {
    methods = Method.allCases.map { _ in LatencyHistogram() }
    steps = StepKind.allCases.map { _ in LatencyHistogram() }
  }

  func record(_ method: Method, since received: UInt64, failed: Bool) {
    let now = ContinuousNanoseconds.now
    methods[Self.methodPlaces[Int(method.rawValue)]].record(
      now > received ? now - received : 0, failed: failed)
  }

  func record(_ time: StepTime) {
    steps[Self.stepPlaces[Int(time.step.rawValue)]].record(time.nanoseconds)
  }

  /// The tables of all event loops together: methods first, then steps, those that occurred.
  static func reports(_ tables: [LatencyTable]) -> [LatencyReport] {
    func report(_ name: String, _ histogram: (LatencyTable) -> LatencyHistogram) -> LatencyReport? {
      var sum = LatencyHistogram.Sum()
      for table in tables { sum.add(histogram(table)) }
      return sum.report(name)
    }
    let methods = Method.allCases.enumerated().compactMap { place, method in
      report(method.name) { $0.methods[place] }
    }
    let steps = StepKind.allCases.enumerated().compactMap { place, step in
      report("step.\(step.name)") { $0.steps[place] }
    }
    return methods + steps
  }
}
