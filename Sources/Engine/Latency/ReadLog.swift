import Logging
import Serving
import Vocabulary

/// Decides which reads of one event loop the log has a line for: at `debug` every one; otherwise the slow ones, and of these
/// no more than one a second, so that a stall does not become a flood.
package struct ReadLog {
  /// From here on a read is slow: fifty times what one takes on a busy machine, and what people begin to notice.
  package static let slowNanoseconds: UInt64 = 250_000_000
  private static let pauseNanoseconds: UInt64 = 1_000_000_000

  private var saidLast: UInt64?
  /// Slow ones since then that have no line.
  private var unsaid: UInt64 = 0

  package init() {}

  /// The level of this read's line, nil for none.
  /// - Parameters:
  ///   - took: nanoseconds since the request arrived.
  ///   - now: monotonic nanoseconds.
  package mutating func level(_ took: UInt64, _ now: UInt64, isTalkative: Bool) -> Logger.Level? {
    guard took >= Self.slowNanoseconds else { return isTalkative ? .debug : nil }
    if let saidLast, now < saidLast &+ Self.pauseNanoseconds {
      unsaid &+= 1
      return isTalkative ? .debug : nil
    }
    saidLast = now
    return .info
  }

  /// How many slow reads had no line since the last one that had.
  package mutating func takeUnsaid() -> UInt64 {
    defer { unsaid = 0 }
    return unsaid
  }
}

extension Engine {
  /// Writes one line about a read: each step that was reached is a field by its name, in microseconds. It names no user
  /// and no item.
  func logRead(_ outcome: Outcome, _ took: UInt64, at level: Logger.Level, _ scratch: EngineScratch) {
    var fields: Logger.Metadata = [
      "event": level == .info ? "slow_read" : "read", "us": "\(took / 1_000)",
    ]
    switch outcome {
    case .failure(let fault): fields["reason"] = "\(fault.reason.rawValue)"
    case .success(let reply):
      scratch.reading.forEachTime { fields[$0.step.name] = "\($0.nanoseconds / 1_000)" }
      if let slate = reply.slate {
        fields["recommendation"] = "\(String(decoding: slate.recommendation, as: UTF8.self))"
        if !slate.degraded.isEmpty {
          fields["degraded"] = "\(slate.degraded.map(\.name).joined(separator: ","))"
        }
      }
    }
    if level == .info {
      let unsaid = scratch.log.takeUnsaid()
      if unsaid > 0 { fields["unsaid"] = "\(unsaid)" }
    }
    logger.log(level: level, "Answered a read.", metadata: fields)
  }
}
