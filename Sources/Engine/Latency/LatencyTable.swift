import Metering
import Vocabulary

/// Latencies by method and by step of one event loop.
final class LatencyTable: Sendable {
  private let methods: [Histogram]
  private let steps: [Histogram]
  /// What answers fell back to, and which steps a deadline cut short.
  let fallbacks = CounterTable<Fallback>()
  let cuts = CounterTable<StepKind>()
  /// Requests taken and not answered yet.
  let inFlight = Gauge()
  /// The loop's quality factor in thousandths.
  let quality = Gauge()

  /// Both enumerations are small but have gaps, so they are indexed by place.
  private static let methodPlaces: [Int] = places(Method.allCases.map { Int($0.rawValue) })
  private static let stepPlaces: [Int] = places(StepKind.allCases.map { Int($0.rawValue) })

  private static func places(_ rawValues: [Int]) -> [Int] {
    var places = [Int](repeating: 0, count: (rawValues.max() ?? 0) + 1)
    for (place, rawValue) in rawValues.enumerated() { places[rawValue] = place }
    return places
  }

  init() {
    methods = Method.allCases.map { _ in Histogram() }
    steps = StepKind.allCases.map { _ in Histogram() }
    quality.set(1_000)
  }

  func record(_ method: Method, since received: UInt64, failed: Bool) {
    let now = ContinuousNanoseconds.now
    methods[Self.methodPlaces[Int(method.rawValue)]].record(
      now > received ? now - received : 0, failed: failed)
  }

  func record(_ time: StepTime) {
    steps[Self.stepPlaces[Int(time.step.rawValue)]].record(time.nanoseconds)
  }

  /// Counts what a slate says about itself.
  func record(_ reply: Reply) {
    switch reply {
    case .recommend(let slate), .similar(let slate), .complete(let slate), .rank(let slate): record(slate)
    case .recommendPage(let reply):
      for case .slate(let slate) in reply.lists { record(slate) }
    case .bundles(let reply):
      for fallback in reply.fallbacks { fallbacks.add(fallback) }
    default: break
    }
  }

  private func record(_ slate: Slate) {
    for fallback in slate.fallbacks { fallbacks.add(fallback) }
    for step in slate.degraded { cuts.add(step) }
  }

  /// One method's or step's histograms, added up over event loops.
  static func sum(_ tables: [LatencyTable], _ method: Method) -> Histogram.Sum {
    Histogram.Sum(tables.map { $0.methods[methodPlaces[Int(method.rawValue)]] })
  }

  static func sum(_ tables: [LatencyTable], _ step: StepKind) -> Histogram.Sum {
    Histogram.Sum(tables.map { $0.steps[stepPlaces[Int(step.rawValue)]] })
  }

  /// The tables of all event loops together: methods first, then steps, those that occurred.
  static func reports(_ tables: [LatencyTable]) -> [LatencyReport] {
    Method.allCases.compactMap { sum(tables, $0).report($0.name) }
      + StepKind.allCases.compactMap { sum(tables, $0).report("step.\($0.name)") }
  }
}

extension Histogram.Sum {
  /// For `Status`; nil if nothing was counted.
  package func report(_ name: String) -> LatencyReport? {
    let count = count
    guard count > 0 else { return nil }
    var report = LatencyReport(name: name)
    report.count = count
    report.errors = errors
    report.p50 = Float(quantile(0.5) / 1_000)
    report.p99 = Float(quantile(0.99) / 1_000)
    report.max = Float(Double(longest) / 1_000)
    return report
  }
}
