import Foundation
import Glibc

/// A program that was started, its output going to files.
///
/// `posix_spawn` rather than Foundation's `Process`: the moment of a kill and of a death is what this is about.
///
/// Not sendable: one task starts, kills and waits.
package final class DaemonProcess {
  /// How a process ended.
  package enum Ending: Sendable, Hashable {
    case exit(Int32)
    case signal(Int32)
  }

  package let pid: pid_t
  /// Whether it was we who killed it.
  private(set) package var isKilled = false
  private(set) package var ending: Ending?

  /// Starts `program` with empty standard input.
  /// - Parameter environment: in addition to our own, of which nothing named `MAGPIE_…` goes on.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String,
    errors: String
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MAGPIE_") }
    variables["NO_COLOR"] = "1"
    // A crash is to be seen at once, not after minutes of symbol look-up.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables.merge(environment) { $1 }
    var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in arguments + environment { free(text) } }
    arguments.append(nil)
    environment.append(nil)
    var pid: pid_t = 0
    let status = posix_spawn(&pid, program, &actions, nil, &arguments, &environment)
    if status != 0 { throw TortureFault("Cannot start \(program): \(String(cString: strerror(status))).") }
    self.pid = pid
  }

  deinit {
    guard ending == nil else { return }
    Glibc.kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }

  package func send(_ signal: Int32) {
    guard isRunning else { return }
    if signal == SIGKILL { isKilled = true }
    Glibc.kill(pid, signal)
  }

  /// Looks whether it has ended.
  package var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    let result = waitpid(pid, &status, WNOHANG)
    if result == 0 || (result < 0 && errno == EINTR) { return true }
    ending = status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f)
    return false
  }

  /// Waits for the end; nil if it takes longer.
  package func wait(_ patience: Duration) async -> Ending? {
    let deadline = ContinuousClock.now + patience
    while isRunning {
      if ContinuousClock.now > deadline { return nil }
      // Not cancelled with the task: an ending that nobody looked at would be told as another one's.
      try? await Task.sleep(for: .milliseconds(1))
    }
    return ending
  }

  /// Lets it write no file beyond `bytes`, from now on: the system's nearest thing to a full disk for one process.
  package func limitFiles(toBytes bytes: UInt64) async {
    _ = await Self.succeeds("/usr/bin/prlimit", ["--pid", "\(pid)", "--fsize=\(bytes):"])
  }

  /// Runs a program to its end and says whether it went well.
  static func succeeds(_ program: String, _ arguments: [String]) async -> Bool {
    guard
      let process = try? DaemonProcess(program, arguments, output: "/dev/null", errors: "/dev/null")
    else { return false }
    return await process.wait(.seconds(30)) == .exit(0)
  }
}
