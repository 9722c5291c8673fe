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
    var members: [String]
    var contributions: [ContributionJSON]
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
  var skipped_sources: [String]
  var steps: [Timing]
  @OrNull var cursor: String?
  @OrNull var token: String?
  @OrNull var experiment: String?
  var dropped: [String: UInt64]

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
        }, members: item.members, contributions: item.contributions.map { ContributionJSON($0) })
    }
    recommendation = slate.recommendation
    generation = slate.generation
    position = slate.position
    configuration_hash = hexadecimal(slate.configurationHash)
    seed = slate.seed
    fallbacks = slate.fallbacks.map(\.rawValue)
    degraded = slate.degraded.map(\.rawValue)
    skipped_sources = slate.skipped.map(\.rawValue)
    cursor = slate.cursor.isEmpty ? nil : slate.cursor
    steps = slate.times.map { Timing(step: $0.step.rawValue, microseconds: Double($0.nanoseconds) / 1000) }
    token = slate.token.isEmpty ? nil : slate.token
    experiment = slate.experiment.isEmpty ? nil : slate.experiment
    dropped = TraceJSON.counts(slate.dropped)
  }
}

/// Sixteen digits: JSON readers that know only doubles would round a number.
func hexadecimal(_ hash: UInt64) -> String {
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
