/// What is counted about a job that is done now and then: a training, a snapshot, a scrub.
package final class JobMeters: Sendable {
  package let succeeded = Counter()
  package let failed = Counter()
  /// Nanoseconds of the runs that succeeded.
  package let duration = Histogram()
  /// Seconds since 1970 of the last success; 0 if none is known. The owner of a job that leaves something behind sets it at
  /// the start.
  package let lastSuccess = Gauge()
  /// Bytes of what the last success made, where that means something.
  package let bytes = Gauge()

  package init() {}

  /// A run ended well.
  package func succeeded(nanoseconds: UInt64, atSeconds seconds: Int64, bytes made: UInt64 = 0) {
    succeeded.add()
    duration.record(nanoseconds)
    lastSuccess.set(Int(clamping: seconds))
    bytes.set(Int(clamping: made))
  }
}
