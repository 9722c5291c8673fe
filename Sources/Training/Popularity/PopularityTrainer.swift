import Glibc
import Vocabulary

/// Windowed, time-decayed popularity: the sum over the positive events of the last `windowDays` of
/// weight · 2^(−age / half-life).
///
/// Under a split in time the popularity of the last days alone is a hard baseline (Ji, Sun, Zhang and Li,
/// "A re-visit of the popularity baseline in recommender systems", SIGIR 2020); it stands beside every model.
package struct PopularityTrainer: Sendable {
  package var windowDays: Double
  package var halfLifeDays: Double

  package init(windowDays: Double, halfLifeDays: Double) {
    self.windowDays = windowDays
    self.halfLifeDays = halfLifeDays
  }

  private static let microsecondsPerDay = 86_400e6

  /// The score of every row; 0 outside the window. "Now" is the newest event, so that the same log gives the
  /// same scores at any time. O(events).
  package func scores(_ data: Interactions, pool: ThreadPool) -> [Float] {
    let sums = ShardPass.sums(shards: data.shardCount, count: data.itemCount, pool: pool) { shard, sums in
      for user in data.users(ofShard: shard) {
        forEachCounted(data, user: user) { item, weight in sums[Int(item)] += weight }
      }
    }
    return sums.map { Float($0) }
  }

  /// Calls `body` with the item and the decayed weight of each positive event of one user that lies in the window.
  @inline(__always)
  func forEachCounted(_ data: Interactions, user: Int, _ body: (UInt32, Double) -> Void) {
    for event in data.events(of: user) where data.eventWeight[event] > 0 {
      let age = (Double(data.newestTime) - Double(data.eventTime[event])) / Self.microsecondsPerDay
      if age > windowDays { continue }
      body(data.eventItem[event], Double(data.eventWeight[event]) * exp2(-age / halfLifeDays))
    }
  }

  /// Rows with a score above zero, best first; at equal scores the lower row.
  package static func ranking(_ scores: [Float]) -> (rows: [UInt32], scores: [Float]) {
    let rows = scores.indices.filter { scores[$0] > 0 }
      .sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    return (rows.map { UInt32(truncatingIfNeeded: $0) }, rows.map { scores[$0] })
  }
}
