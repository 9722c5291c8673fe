import Vocabulary

extension RetryPolicy {
  /// Whether the failure is of a kind that a second attempt may mend, and the attempt does no harm.
  package func mayRetry(_ failure: CallFailure, isSafe: Bool) -> Bool {
    if failure.wasSent, !isSafe { return false }
    return switch failure.fault.code {
    case .unavailable: true
    case .resourceExhausted: failure.fault.retryAfterMilliseconds != nil
    default: false
    }
  }

  /// How long to wait before attempt number `attempt + 1`.
  /// - Parameters:
  ///   - attempt: the attempt that failed, from 1.
  ///   - random: 0 to 1, evenly drawn. Full jitter, as in M. Brooker, "Exponential Backoff and Jitter" (2015).
  package func backoff(after attempt: Int, fault: Fault, random: Double) -> Duration {
    // 2^20 times the first wait is beyond any useful limit; the cap keeps the shift defined.
    let upper = min(firstBackoff * (1 << min(max(attempt - 1, 0), 20)), backoffMax)
    let asked = Duration.milliseconds(Int64(fault.retryAfterMilliseconds ?? 0))
    return asked + upper * random
  }
}
