import ArgumentParser
import CProcess
import Glibc
import Training

/// What this process asks of the kernel before it starts: to be polite, bounded and mortal.
enum OwnProcess {
  /// Memory beyond the limit before the kernel refuses: the formula's bounds exclude what libraries reserve
  /// and never touch.
  private static let slackBytes: UInt64 = 1 << 30

  /// What a run may take: the limit, or less where the system grants less. OpenBLAS waits for ever for memory it is refused,
  /// so a run must not be started that would be.
  ///
  /// - Throws: `memory_limit` if the system grants not even what libraries reserve.
  static func granted(of limit: UInt64) throws(TrainingFault) -> UInt64 {
    let granted = magpie_granted_memory()
    if granted == .max { return limit }
    guard granted > slackBytes else {
      throw TrainingFault(
        .memoryLimit,
        """
        The system grants this process \(granted) bytes of private memory; libraries may reserve \(slackBytes), and \
        training comes on top. Raise it (ulimit -d) above \(slackBytes) by what memory-limit says.
        """)
    }
    return min(limit, granted - slackBytes)
  }

  /// - Parameter parent: process to end with, or nil. Told, not asked for: a parent that died while we were
  ///   being started has been replaced by another by the time we could ask.
  /// - Throws: `ExitCode(143)` if the parent is gone already.
  static func settle(nice: Int32, memoryLimitBytes: UInt64, parent: pid_t?) throws {
    // The signal comes when the *thread* that started us ends; the daemon starts us from one that lives.
    if let parent, magpie_die_with_parent(parent) == 1 { throw ExitCode(143) }
    // Politeness is best effort: a container may forbid each of these, and training goes on without.
    _ = magpie_set_niceness(nice)
    _ = magpie_volunteer_for_oom(500)
    let (limit, overflow) = memoryLimitBytes.addingReportingOverflow(slackBytes)
    if !overflow { _ = magpie_limit_memory(limit) }
  }

  /// Prepares what is said if an allocation fails: Swift has no way to go on from there, and would end without a
  /// word. The kernel refuses memory when the formula was wrong by more than the slack, or a container or `ulimit`
  /// grants less than the limit.
  static func explainExhaustion(isJSON: Bool, limitBytes: UInt64) {
    let message =
      "The system refused memory: the process or its container may take less than memory-limit "
      + "(\(limitBytes) bytes). Lower memory-limit to what there is, or raise ulimit -d or the container's limit."
    let line =
      isJSON ? "{\"error\":\"\(message)\",\"reason\":\"memory_limit\"}\n" : "magpie-train: \(message)\n"
    _ = magpie_explain_exhaustion(line, isJSON ? STDOUT_FILENO : STDERR_FILENO, 69)
  }
}
