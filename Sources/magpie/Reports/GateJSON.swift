import MagpieClient

/// The gate's verdict as `--json` prints it.
struct GateJSON: Encodable {
  struct Comparison: Encodable {
    var against: String
    /// 0 if the comparison could not be made; `note` says why.
    var questions: UInt64
    var value: Double
    var other: Double
    var difference: Double
    var standard_error: Double
    var holds: Bool
    /// Whether the verdict depends on it.
    var decides: Bool
    var note: String
  }

  var passed: Bool
  var refused: Bool
  var mode: String
  var metric: String
  var margin: Double
  var served: String
  var rule: String
  var reason: String
  var comparisons: [Comparison]

  init(_ gate: GateVerdict) {
    passed = gate.passed
    refused = gate.isRefused
    mode = gate.mode
    metric = gate.metric
    margin = finite(gate.margin)
    served = gate.served
    rule = gate.rule
    reason = gate.reason
    comparisons = gate.comparisons.map {
      Comparison(
        against: $0.against, questions: $0.questions, value: finite($0.value), other: finite($0.other),
        difference: finite($0.difference), standard_error: finite($0.standardError), holds: $0.holds,
        decides: $0.decides,
        note: $0.note)
    }
  }
}

/// JSON has no infinities and no NaN.
private func finite(_ value: Double) -> Double { value.isFinite ? value : 0 }
