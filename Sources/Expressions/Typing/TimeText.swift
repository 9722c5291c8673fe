/// Times as expressions write them: a date, or a date and a time to the second, in UTC.
enum TimeText {
  /// Seconds since 1970 of `2026-01-31` or `2026-01-31T12:00:00Z`, nil for anything else and for dates that no
  /// calendar has.
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    func isAt(_ place: Int, _ letter: Character) -> Bool {
      place < bytes.count && bytes[place] == letter.asciiValue
    }
    guard let year = number(0..<4), isAt(4, "-"), let month = number(5..<7), isAt(7, "-"),
      let day = number(8..<10), (1...12).contains(month), (1...days(in: month, of: year)).contains(day)
    else { return nil }
    let midnight = daysSince1970(year, month, day) * 86_400
    if bytes.count == 10 { return midnight }
    guard bytes.count == 20, isAt(10, "T"), isAt(13, ":"), isAt(16, ":"), isAt(19, "Z"),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19), hour < 24,
      minute < 60, second < 60
    else { return nil }
    return midnight + hour * 3_600 + minute * 60 + second
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days of the proleptic Gregorian calendar: years begin in March, so that a leap day ends one.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let marchYear = month > 2 ? year : year - 1
    let monthsSinceMarch = (month + 9) % 12
    let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
    return marchYear * 365 + leapDays + (153 * monthsSinceMarch + 2) / 5 + day - 1 - 719_468
  }
}
