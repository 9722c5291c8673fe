/// Builds a page in Prometheus' text format, version 0.0.4.
///
/// A family is written whole before the next begins, as the format demands. Names and help are the program's own
/// and must be well-formed; label values may be anything.
package struct MetricsText {
  package private(set) var bytes: [UInt8] = []

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package enum Kind: String, Sendable {
    case counter
    case gauge
    case histogram
  }

  /// What a histogram's whole numbers are, and so how they are shown.
  package enum Unit: Sendable {
    /// Shown as seconds, in buckets from 1 µs to 17 s, each twice as wide as the one before.
    case nanoseconds
    /// The same for what takes long: from 0.27 s to 6.5 days, each four times as wide.
    case longNanoseconds
    /// Shown as they are, from 1 to 16 Mi in steps of 4.
    case plain

    fileprivate var exponents: StrideThrough<Int> {
      switch self {
      case .nanoseconds: stride(from: 10, through: 34, by: 1)
      case .longNanoseconds: stride(from: 28, through: 49, by: 2)
      case .plain: stride(from: 0, through: 24, by: 2)
      }
    }

    fileprivate func shown(_ value: Double) -> Double {
      switch self {
      case .nanoseconds, .longNanoseconds: value / 1e9
      case .plain: value
      }
    }
  }

  package init() { bytes.reserveCapacity(64 * 1024) }

  /// Writes a family's head, then what `body` puts in.
  package mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ body: (inout Family) -> Void
  ) {
    bytes.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8)
    var family = Family(name: name)
    body(&family)
    bytes.append(contentsOf: family.lines.utf8)
  }

  /// A family of one sample without labels.
  package mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    family(name, .counter, help) { $0.sample(Double(value)) }
  }

  /// A family of one sample without labels.
  package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    family(name, .gauge, help) { $0.sample(value) }
  }

  /// A family of one histogram without labels.
  package mutating func histogram(_ name: String, _ help: String, _ unit: Unit, _ histogram: Histogram) {
    family(name, .histogram, help) { $0.histogram(Histogram.Sum([histogram]), unit) }
  }

  /// A counter for each key of a table, by one label.
  package mutating func counters<Key>(
    _ name: String, _ help: String, _ label: String, _ tables: [CounterTable<Key>], of keys: [Key],
    _ value: (Key) -> String
  ) {
    family(name, .counter, help) { family in
      for key in keys {
        family.sample(Double(CounterTable.sum(tables, of: key)), [(label, value(key))])
      }
    }
  }

  package struct Family {
    fileprivate let name: String
    fileprivate var lines = ""

    package mutating func sample(_ value: Double, _ labels: [(String, String)] = []) {
      line(name, labels, value)
    }

    /// Cumulative buckets, sum and count. A value that equals a bound is counted above it, where the format means
    /// below: bounds are powers of two of whole nanoseconds, so this says nothing to anybody.
    package mutating func histogram(
      _ sum: Histogram.Sum, _ unit: Unit, _ labels: [(String, String)] = []
    ) {
      // Taken once: `_count` must equal the last bucket.
      let count = sum.count
      for exponent in unit.exponents {
        let bound = unit.shown(Double(UInt64(1) << UInt64(exponent)))
        line(
          name + "_bucket", labels + [("le", MetricsText.number(bound))],
          Double(sum.count(belowPowerOfTwo: exponent)))
      }
      line(name + "_bucket", labels + [("le", "+Inf")], Double(count))
      line(name + "_sum", labels, unit.shown(Double(sum.total)))
      line(name + "_count", labels, Double(count))
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
      lines += name
      if !labels.isEmpty {
        lines += "{"
        for (place, label) in labels.enumerated() {
          if place > 0 { lines += "," }
          lines += "\(label.0)=\"\(MetricsText.escaped(label.1))\""
        }
        lines += "}"
      }
      lines += " \(MetricsText.number(value))\n"
    }
  }

  /// Whole numbers without a fraction, others in the shortest notation that reads back the same.
  package static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }

  package static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
