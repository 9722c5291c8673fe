/// When waiting requests are refused, and how much memory the daemon may take.
package struct OverloadSettings: Sendable, Hashable {
  /// Milliseconds a read may wait on its event loop for long; 0 refuses nothing for having waited. Below it nobody
  /// notices, and a closed loop of 64 callers on one core stays below it.
  package var targetMilliseconds: Int64 = 20
  /// Milliseconds through which even the shortest wait must exceed the target before those who waited twice the target are
  /// refused: a burst that is worked off within it is none of its business. Nobody waits longer than this, so it is also
  /// what the slowest answers of an overloaded daemon take; five targets see a queue that stands.
  package var intervalMilliseconds: Int64 = 100
  /// Bytes of memory the daemon may hold; 0 takes three quarters of what the machine or its control group grants.
  package var memoryLimitBytes: UInt64 = 0

  package init() {}
}

extension OverloadSettings {
  /// Bytes one bounded queue or cache may take under the memory limit. REQUIRES: the limit is resolved; with 0, nothing but
  /// `most` bounds it.
  package func queueShare(of most: Int) -> Int {
    if memoryLimitBytes == 0 { return most }
    return min(most, Int(clamping: memoryLimitBytes / Limits.memoryShareOfQueue))
  }
}
