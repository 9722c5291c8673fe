/// Dates and times such as `2010-12-01`, `2010-12-01 08:26`, `2010-12-01T08:26:00.5Z`, `…+02:00`. Without a zone
/// they are UTC.
package enum ISO8601 {
  /// Microseconds since 1970.
  /// - Throws: `time_invalid`, or `time_ambiguous` for dates such as 01/12/2010.
  package static func microseconds(_ text: String, field: String) throws(Problem) -> Int64 {
    var scanner = Scanner(bytes: Array(text.utf8))
    guard let micros = scanner.timestamp() else {
      let parts = text.split(whereSeparator: { "/.-".contains($0) })
      if parts.count >= 3, parts[0].count <= 2, Int(parts[0]) != nil, Int(parts[1]) != nil {
        throw Problem(
          "time_ambiguous",
          "\(field) is \"\(text)\": nobody can tell day from month; write dates as 2010-12-01 or 2010-12-01T08:26:00Z."
        )
      }
      throw Problem(
        "time_invalid",
        "\(field) is \"\(text)\", which is neither a number nor a date such as 2010-12-01 or 2010-12-01T08:26:00Z."
      )
    }
    return micros
  }

  /// The moment as `2010-12-01T08:26:00Z`; fractions of a second are left out.
  package static func text(microseconds: Int64) -> String {
    let seconds = microseconds >= 0 ? microseconds / 1_000_000 : -((999_999 - microseconds) / 1_000_000)
    let day = seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
    let second = seconds - day * 86_400
    let (year, month, date) = civil(day: day)
    func pad(_ number: Int64, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2))T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))Z"
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar: H. Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms" (2013).
  static func day(year: Int64, month: Int64, date: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `day`, same source.
  static func civil(day: Int64) -> (year: Int64, month: Int64, date: Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  private struct Scanner {
    let bytes: [UInt8]
    var at = 0

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func digits(_ count: Int) -> Int64? {
      guard at + count <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[at..<(at + count)] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      at += count
      return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func timestamp() -> Int64? {
      guard let year = digits(4), take("-"), let month = digits(2), take("-"), let date = digits(2),
        (1...12).contains(month), date >= 1
      else { return nil }
      let first = ISO8601.day(year: year, month: month, date: 1)
      let following =
        month == 12
        ? ISO8601.day(year: year + 1, month: 1, date: 1) : ISO8601.day(year: year, month: month + 1, date: 1)
      guard date <= following - first else { return nil }
      var micros = (first + date - 1) * 86_400_000_000
      if next == nil { return micros }
      guard take("T") || take("t") || take(" ") else { return nil }
      guard let time = clock(), let zone = zone(), next == nil else { return nil }
      micros += time
      return micros - zone
    }

    private mutating func clock() -> Int64? {
      guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else {
        return nil
      }
      var micros = (hour * 3600 + minute * 60) * 1_000_000
      guard take(":") else { return micros }
      // A leap second counts as the second before it.
      guard let second = digits(2), second <= 60 else { return nil }
      micros += min(second, 59) * 1_000_000
      guard take(".") || take(",") else { return micros }
      var scale: Int64 = 100_000
      var count = 0
      while let byte = next, (48...57).contains(byte) {
        micros += Int64(byte - 48) * scale
        scale /= 10
        at += 1
        count += 1
      }
      return count == 0 ? nil : micros
    }

    /// Microseconds east of Greenwich.
    private mutating func zone() -> Int64? {
      if next == nil || take("Z") || take("z") { return 0 }
      let sign: Int64 = next == UInt8(ascii: "-") ? -1 : 1
      guard take("+") || take("-"), let hour = digits(2), hour < 24 else { return nil }
      var minute: Int64 = 0
      if next != nil {
        _ = take(":")
        guard let digits = digits(2), digits < 60 else { return nil }
        minute = digits
      }
      return sign * (hour * 3600 + minute * 60) * 1_000_000
    }
  }
}
