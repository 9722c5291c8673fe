import Vocabulary

/// What one connection may do, in the units the state machine counts in. The numbers and their reasons are in
/// `Limits`; tests use smaller ones. Times are nanoseconds.
package struct ConnectionLimits: Sendable, Hashable {
  package var streamsMax = Limits.streamsPerConnectionMax
  package var timeoutMillisecondsDefault = Limits.timeoutMillisecondsDefault
  package var timeoutMillisecondsMax = Limits.timeoutMillisecondsMax
  package var cancelsPerWindowMax = Limits.cancelsPerWindowMax
  package var pingsPerWindowMax = Limits.pingsPerWindowMax
  package var calmWindow = nanoseconds(seconds: Limits.calmWindowSeconds)
  package var frameArrival = nanoseconds(seconds: Limits.frameArrivalSeconds)
  package var idle = nanoseconds(seconds: Limits.idleSecondsDefault)
  package var slowConsumer = nanoseconds(seconds: Limits.slowConsumerSeconds)
  package var linger = nanoseconds(milliseconds: Limits.lingerMilliseconds)
  package var drainQuiet = nanoseconds(milliseconds: Limits.drainQuietMilliseconds)
  /// How often idle, frame arrival and slow consumers are looked at.
  package var tick = nanoseconds(seconds: 1)
  package var unreadReplyBytesMax = Limits.unreadReplyBytesMax
  package var unreadReplyBytesHardMax = Limits.unreadReplyBytesHardMax
  package var replyBatchBytes = Limits.replyBatchBytes

  package init() {}

  /// The limits that the configuration asks for.
  package init(_ settings: Settings) {
    idle = Self.nanoseconds(seconds: settings.idleSeconds)
  }

  /// Never traps: a negative time is zero, one beyond the clock is the clock's end.
  package static func nanoseconds(seconds: Int64) -> UInt64 { scaled(seconds, by: 1_000_000_000) }
  /// Never traps, as above.
  package static func nanoseconds(milliseconds: Int64) -> UInt64 { scaled(milliseconds, by: 1_000_000) }

  private static func scaled(_ value: Int64, by factor: UInt64) -> UInt64 {
    let (product, overflow) = UInt64(max(0, value)).multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
