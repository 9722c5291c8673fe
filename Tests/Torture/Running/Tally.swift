import FaultPoints
import Foundation

/// What a torture has counted.
package struct Tally: Sendable, Hashable {
  package var kills: UInt64 = 0
  /// Acknowledged events and catalogue entries.
  package var acknowledged: UInt64 = 0
  package var finding = Finding()
  /// Seconds from the start of a process to its first answer, of each start after a kill.
  package var recoveries: [Double] = []
  /// Whatever else a correct daemon does not do, in words.
  package var problems: [String] = []

  package var rounds = 0
  package var killsAtPoints = 0
  package var killsWhileStarting = 0
  package var killsInFlight = 0
  package var points: Set<FaultPoint> = []
  package var directories = 0
  package var snapshots = 0
  package var generations = 0
  package var fullDisks = 0
  package var lowDisks = 0
  package var slowDisks = 0
  package var limitedFiles = 0
  package var lostStates = 0

  package init() {}

  package var holds: Bool { finding.holds && problems.isEmpty }

  mutating func complain(_ text: String) {
    if problems.count < 20 { problems.append(text) }
  }

  /// Nearest rank; 0 if there was no recovery.
  package func recovery(_ quantile: Double) -> Double {
    let sorted = recoveries.sorted()
    if sorted.isEmpty { return 0 }
    return sorted[min(sorted.count - 1, Int((Double(sorted.count) * quantile).rounded(.up)) - 1)]
  }

  /// Keys: kills, acknowledged, lost, duplicated, recovery_times with p50, p99 and max in seconds.
  package var json: String {
    let times = [0.5, 0.99, 1].map { String(format: "%.3f", recovery($0)) }
    return
      "{\"kills\":\(kills),\"acknowledged\":\(acknowledged),\"lost\":\(finding.lost),\"duplicated\":\(finding.duplicated),"
      + "\"recovery_times\":{\"p50\":\(times[0]),\"p99\":\(times[1]),\"max\":\(times[2])}}"
  }

  package func text(seconds: Double, seed: UInt64) -> String {
    let times = [0.5, 0.99, 1].map { String(format: "%.2f", recovery($0)) }
    let rate = seconds > 0 ? Double(kills) * 3_600 / seconds : 0
    let missed = FaultPoint.allCases.filter { !points.contains($0) }.map(\.rawValue)
    return """
      seed \(seed), \(rounds) rounds in \(Int(seconds.rounded())) s, \(directories) data directories
      kills         \(kills) (\(Int(rate.rounded())) an hour): \(killsAtPoints) at \(points.count) of \(FaultPoint.allCases.count) fault points, \
      \(killsWhileStarting) while starting; \(killsInFlight) with requests in flight
      meanwhile     \(snapshots) snapshots, \(generations) switches of generation, \(lostStates) states made anew; \
      \(fullDisks) times disk full, \(lowDisks) disk low, \(limitedFiles) file limit, \(slowDisks) slow fsync
      not died at   \(missed.isEmpty ? "none" : missed.joined(separator: " "))
      acknowledged  \(acknowledged)
      lost          \(finding.lost)
      duplicated    \(finding.duplicated)
      recovery      p50 \(times[0]) s   p99 \(times[1]) s   max \(times[2]) s
      """
  }
}
