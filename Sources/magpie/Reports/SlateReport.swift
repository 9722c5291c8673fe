import MagpieClient

/// A slate as `--json` prints it. docs/cli.md holds the schema; names are never changed or reused.
struct SlateReport: Encodable {
  struct Entry: Encodable {
    var rank: Int
    var item: String
    var title: String
    var score: Float
    @OrNull var predicted_rating: Float?
    var placement: String
    @OrNull var propensity: Float?
    @OrNull var calibrated: Float?
    var reasons: [Reason]
    var sources: [Opinion]
  }
  struct Reason: Encodable {
    var code: String
    var items: [String]
    @OrNull var segment: String?
    var text: String
  }
  struct Opinion: Encodable {
    var source: String
    var rank: UInt32
    var score: Float
  }
  struct Timing: Encodable {
    var step: String
    var microseconds: Double
  }

  var items: [Entry]
  var recommendation: String
  var generation: UInt64
  var position: UInt64
  var configuration_hash: String
  var seed: UInt64
  var fallbacks: [String]
  var degraded: [String]
  var steps: [Timing]

  init(_ slate: Slate, words: ReasonWords) {
    items = slate.items.enumerated().map { index, item in
      Entry(
        rank: index + 1, item: item.item, title: item.title, score: item.score,
        predicted_rating: item.predictedRating, placement: item.placement.rawValue,
        propensity: item.propensity, calibrated: item.calibrated,
        reasons: item.explanations.map {
          Reason(
            code: $0.code.rawValue, items: $0.items, segment: $0.segment.isEmpty ? nil : $0.segment,
            text: words.text($0))
        },
        sources: item.sources.map {
          Opinion(source: $0.source.rawValue, rank: $0.rank, score: $0.score)
        })
    }
    recommendation = slate.recommendation
    generation = slate.generation
    position = slate.position
    configuration_hash = hexadecimal(slate.configurationHash)
    seed = slate.seed
    fallbacks = slate.fallbacks.map(\.rawValue)
    degraded = slate.degraded.map(\.rawValue)
    steps = slate.times.map { Timing(step: $0.step.rawValue, microseconds: Double($0.nanoseconds) / 1000) }
  }
}

/// Sixteen digits: JSON readers that know only doubles would round a number.
func hexadecimal(_ hash: UInt64) -> String {
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
