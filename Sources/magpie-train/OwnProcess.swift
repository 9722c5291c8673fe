import ArgumentParser
import CProcess
import Glibc

/// What this process asks of the kernel before it starts: to be polite, bounded and mortal.
enum OwnProcess {
  /// Memory beyond the limit before the kernel refuses: the formula's bounds exclude what libraries reserve
  /// and never touch.
  private static let slackBytes: UInt64 = 1 << 30

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
}
