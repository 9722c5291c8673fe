import Importing
import Reading

/// Numbers as people read them.
enum Figures {
  /// `141,985`
  static func count(_ number: some BinaryInteger) -> String {
    let digits = Array(String(number.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return number < 0 ? "-" + text : text
  }

  /// `3.6 MB`
  static func bytes(_ bytes: UInt64) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB", "TB"] {
      if value < 1000 || unit == "TB" { return unit == "B" ? "\(bytes) B" : "\(decimals(value, 1)) \(unit)" }
      value /= 1000
    }
    return "\(bytes) B"
  }

  /// A fixed number of decimals. Values beyond what fits show as they are.
  static func decimals(_ value: Double, _ count: Int) -> String {
    var scale = 1.0
    for _ in 0..<count { scale *= 10 }
    guard value.isFinite, value.magnitude < 1e12, let units = Int64(exactly: (value * scale).rounded()) else {
      return "\(value)"
    }
    if count == 0 { return "\(units)" }
    let whole = units.magnitude / UInt64(scale)
    let rest = String(units.magnitude % UInt64(scale))
    return (units < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: count - rest.count) + rest
  }

  /// `0.4 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`
  static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e10 else { return "unknown" }
    if seconds < 0.001 { return "\(decimals(seconds * 1e6, 0)) µs" }
    if seconds < 1 { return "\(decimals(seconds * 1e3, 1)) ms" }
    if seconds < 10 { return "\(decimals(seconds, 1)) s" }
    let whole = Int64(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 86_400 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
    return "\(whole / 86_400) d \(whole / 3600 % 24) h"
  }

  /// `2011-04-10 12:53:00`, UTC; `-` for none.
  static func time(microseconds: Int64) -> String {
    if microseconds == 0 { return "-" }
    let text = ISO8601.text(microseconds: microseconds)
    return text.dropLast().split(separator: "T").joined(separator: " ")
  }
}
