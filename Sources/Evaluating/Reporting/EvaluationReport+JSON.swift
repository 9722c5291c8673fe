import FoundationEssentials

extension EvaluationReport: Encodable {
  /// A name made at run time.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// `models` → name → metric → value, low, high; beside the metrics `seconds`, `trainSeconds`, `peakBytes` and
  /// `settings`; beside `models` `seconds`, `cpuSeconds` and `peakBytes` of the whole run. Numbers that are none are null.
  package func encode(to encoder: any Encoder) throws {
    var root = encoder.container(keyedBy: Key.self)
    var models = root.nestedContainer(keyedBy: Key.self, forKey: Key("models"))
    for report in self.models {
      var model = models.nestedContainer(keyedBy: Key.self, forKey: Key(report.name))
      for estimate in report.estimates {
        var numbers = model.nestedContainer(keyedBy: Key.self, forKey: Key(estimate.name))
        for (name, value) in [("value", estimate.value), ("low", estimate.low), ("high", estimate.high)] {
          if let value, value.isFinite {
            try numbers.encode(value, forKey: Key(name))
          } else {
            try numbers.encodeNil(forKey: Key(name))
          }
        }
      }
      try model.encode(report.seconds, forKey: Key("seconds"))
      try model.encode(report.trainSeconds, forKey: Key("trainSeconds"))
      try model.encode(report.peakBytes, forKey: Key("peakBytes"))
      try model.encode(report.settings.values.filter { $0.value.isFinite }, forKey: Key("settings"))
    }
    var words = root.nestedContainer(keyedBy: Key.self, forKey: Key("protocol"))
    try words.encode(task.rawValue, forKey: Key("task"))
    for (name, text) in rules { try words.encode(text, forKey: Key(name)) }
    try root.encode(
      Dictionary(skipped.map { ($0.name, $0.reason) }, uniquingKeysWith: { first, _ in first }),
      forKey: Key("skipped"))
    try root.encode(notes, forKey: Key("notes"))
    try root.encode(seconds, forKey: Key("seconds"))
    try root.encode(cpuSeconds, forKey: Key("cpuSeconds"))
    try root.encode(peakBytes, forKey: Key("peakBytes"))
  }

  /// The report as JSON, names sorted.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
