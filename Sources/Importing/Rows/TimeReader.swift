import Reading

/// Reads times in whatever unit the file uses, and insists that it stays the same.
///
/// The ranges of plausible numbers, 2000 to 2100 in seconds, milliseconds, microseconds and nanoseconds, do not
/// overlap, so one number tells its unit. A number outside of them is not guessed at.
package struct TimeReader: Sendable {
  /// How a time is written.
  package enum Unit: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    case iso8601 = "iso"

    /// In words.
    package var name: String {
      switch self {
      case .seconds: "seconds"
      case .milliseconds: "milliseconds"
      case .microseconds: "microseconds"
      case .nanoseconds: "nanoseconds"
      case .iso8601: "ISO-8601"
      }
    }

    fileprivate var perSecond: Int64 {
      switch self {
      case .seconds, .iso8601: 1
      case .milliseconds: 1_000
      case .microseconds: 1_000_000
      case .nanoseconds: 1_000_000_000
      }
    }
  }

  /// 2000-01-01 and 2100-01-01 in seconds: what a bare number must lie between to tell its unit.
  private static let plausibleSeconds: Range<Int64> = 946_684_800..<4_102_444_800

  /// The unit given, or that of the first time read.
  package private(set) var unit: Unit?
  private let isGiven: Bool

  /// - Parameter unit: nil finds out.
  package init(unit: Unit? = nil) {
    self.unit = unit
    isGiven = unit != nil
  }

  /// Microseconds since 1970.
  /// - Throws: `time_invalid`, or `time_ambiguous` if more than one reading is possible or the unit changes.
  package mutating func read(_ text: String, field: String) throws(Problem) -> Int64 {
    let text = text.trimmedSpaces
    let found: Unit
    let time: Int64
    if let number = DecimalTime(text) {
      if isGiven, let unit {
        if unit == .iso8601 {
          throw Problem("time_invalid", "\(field) is \"\(text)\", a number, where --time-unit iso was given.")
        }
        found = unit
      } else {
        found = try plausibleUnit(number, text, field)
      }
      guard let microseconds = number.microseconds(perSecond: found.perSecond) else {
        throw Problem(
          "time_invalid", "\(field) is \"\(text)\" in \(found.name), which is beyond any calendar.")
      }
      time = microseconds
    } else {
      found = .iso8601
      time = try ISO8601.microseconds(text, field: field)
    }
    if let unit, unit != found {
      throw Problem(
        "time_ambiguous",
        "\(field) is \"\(text)\", which reads as \(found.name), but the times before it were \(unit.name); if all are \(unit.name), say --time-unit \(unit.rawValue)."
      )
    }
    unit = found
    guard time != 0 else {
      // On the wire zero means "now", and programs that do not know a time write it: neither is what the row says.
      throw Problem(
        "time_invalid",
        "\(field) is \"\(text)\", the first moment of 1970, which is what stands for no time at all.")
    }
    return time
  }

  private func plausibleUnit(_ number: DecimalTime, _ text: String, _ field: String) throws(Problem) -> Unit {
    for unit in Unit.allCases where unit != .iso8601 {
      let range = Self.plausibleSeconds
      let (lower, upper) = (
        range.lowerBound * unit.perSecond, range.upperBound.multipliedReportingOverflow(by: unit.perSecond)
      )
      if number.whole >= lower, upper.overflow || number.whole < upper.partialValue { return unit }
    }
    if text.count == 8, let year = Int(text.prefix(4)), (1900...2100).contains(year) {
      throw Problem(
        "time_ambiguous",
        "\(field) is \"\(text)\", a number or a date; write dates as 2010-12-01, or say --time-unit s.")
    }
    throw Problem(
      "time_ambiguous",
      "\(field) is \"\(text)\", which is not between 2000 and 2100 in seconds, milliseconds, microseconds or nanoseconds; say which with --time-unit."
    )
  }
}

/// A number with decimals, kept exactly: `Double` loses microseconds.
struct DecimalTime: Sendable, Hashable {
  /// Towards minus infinity for negative numbers is not needed: they are refused as times by the daemon.
  var whole: Int64
  /// Billionths, with the sign of the number.
  var billionths: Int64

  /// Nil if the text is not digits, perhaps with a sign and a fraction.
  init?(_ text: String) {
    var digits = Substring(text)
    let isNegative = digits.first == "-"
    if isNegative { digits = digits.dropFirst() }
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty, first.utf8.allSatisfy({ (48...57).contains($0) }),
      let whole = Int64(first)
    else { return nil }
    var billionths: Int64 = 0
    if parts.count == 2 {
      let fraction = parts[1].utf8
      guard !fraction.isEmpty, fraction.allSatisfy({ (48...57).contains($0) }) else { return nil }
      var scale: Int64 = 100_000_000
      for digit in fraction.prefix(9) {
        billionths += Int64(digit - 48) * scale
        scale /= 10
      }
    }
    self.whole = isNegative ? -whole : whole
    self.billionths = isNegative ? -billionths : billionths
  }

  /// Nil if it does not fit.
  func microseconds(perSecond: Int64) -> Int64? {
    if perSecond > 1_000_000 { return whole / (perSecond / 1_000_000) }
    let factor = 1_000_000 / perSecond
    let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    let (sum, tooFar) = product.addingReportingOverflow(billionths * factor / 1_000_000_000)
    return tooFar ? nil : sum
  }
}
