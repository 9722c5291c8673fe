import Vocabulary

extension Timestamp {
  /// Seconds since 1970 from 2000 to 2100: the span in which a number in another unit is recognised.
  private static let plausibleSeconds: ClosedRange<Int64> = 946_684_800...4_102_444_800

  /// The time of an event. Zero stands for "now" and becomes the moment the event is committed.
  /// - Throws: `event_time_too_old` or `event_time_future`, with a hint when the unit looks wrong.
  static func eventTime(checking microseconds: Int64, now: Timestamp) throws(Fault) -> Timestamp {
    let time = Timestamp(microseconds: microseconds)
    if microseconds == 0 { return time }
    if time < Limits.eventTimeMin {
      throw Fault(
        .eventTimeTooOld,
        "time lies before 2000-01-01.\(unitHint(microseconds)) Times are microseconds since 1970; 0 means now.",
        field: "time")
    }
    let (latest, overflow) = now.microseconds.addingReportingOverflow(Limits.eventTimeSkewMicroseconds)
    if !overflow, microseconds > latest {
      let seconds = Int64((time.seconds(since: now)).rounded())
      throw Fault(
        .eventTimeFuture,
        "time lies \(seconds) seconds ahead of the server's clock; at most \(Limits.eventTimeSkewMicroseconds / 1_000_000) are allowed.\(unitHint(microseconds)) Times are microseconds since 1970; 0 means now.",
        field: "time")
    }
    return time
  }

  /// A time of the catalogue, which may lie far back or ahead: zero means "not given". What would be within
  /// seven weeks after 1970 is refused, because it is a present time in seconds or milliseconds.
  static func catalogueTime(checking microseconds: Int64, field: String) throws(Fault) -> Timestamp? {
    if microseconds == 0 { return nil }
    let years = Int64(-62_135_596_800)...Int64(253_402_300_799)  // The years 1 to 9999.
    let time = Timestamp(microseconds: microseconds)
    if (1...plausibleSeconds.upperBound * 1_000).contains(microseconds) || !years.contains(time.seconds) {
      throw Fault(
        .outOfRange,
        "\(field) is \(microseconds).\(unitHint(microseconds)) Times are microseconds since 1970, in the years 1 to 9999; 0 means not given.",
        field: field)
    }
    return time
  }

  /// Names the unit the caller probably meant, or nothing.
  private static func unitHint(_ number: Int64) -> String {
    if plausibleSeconds.contains(number) { return " The value looks like seconds: multiply by 1000000." }
    if plausibleSeconds.contains(number / 1_000) {
      return " The value looks like milliseconds: multiply by 1000."
    }
    if plausibleSeconds.contains(number / 1_000_000_000) {
      return " The value looks like nanoseconds: divide by 1000."
    }
    return ""
  }
}
