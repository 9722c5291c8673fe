import Foundation

/// How a process ended.
enum Ending: Equatable, Sendable {
  case exit(Int32)
  case signal(Int32)
}

/// A program started by a test, its output going to files. Killed when the test lets go of it.
///
/// `posix_spawn` and `waitpid` rather than Foundation's `Process`: the moment of a kill and of a death is
/// what several tests are about.
final class ChildProcess {
  let pid: pid_t
  let name: String
  private(set) var ending: Ending?

  /// Starts `program` with standard input empty.
  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String,
    errors: String
  ) throws {
    name = (program as NSString).lastPathComponent
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)

    // The tests' own environment must not reach the configuration of the programs.
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MAGPIE_") }
    variables["NO_COLOR"] = "1"
    // A crash is to be seen at once, not after minutes of symbol look-up.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables.merge(environment) { $1 }

    var pid: pid_t = 0
    let status = withCStrings([program] + arguments) { argv in
      withCStrings(variables.map { "\($0.key)=\($0.value)" }) { envp in
        posix_spawn(&pid, program, &actions, nil, argv, envp)
      }
    }
    guard status == 0 else {
      throw HarnessFailure("cannot start \(program): \(String(cString: strerror(status)))")
    }
    self.pid = pid
  }

  deinit { kill() }

  func send(_ signal: Int32) {
    if ending == nil { _ = Glibc.kill(pid, signal) }
  }

  /// `kill -9`, and waits until the process is gone.
  func kill() {
    send(SIGKILL)
    _ = wait(seconds: 30)
  }

  /// Looks whether the process has ended.
  var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    let result = waitpid(pid, &status, WNOHANG)
    if result == 0 || (result < 0 && errno == EINTR) { return true }
    let signal = status & 0x7f
    ending = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    return false
  }

  /// Waits for the end; nil if it takes longer.
  func wait(seconds: Double) -> Ending? {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while isRunning {
      if Date() > deadline { return nil }
      usleep(1_000)
    }
    return ending
  }

  /// Address space in use.
  var addressBytes: Int? { statusField("VmSize").map { $0 * 1024 } }

  /// Resident memory, bytes; nil once the process is gone.
  var residentBytes: Int? { statusField("VmRSS").map { $0 * 1024 } }

  /// Memory that is no page of a file, bytes: what a memory limit counts. Nil once the process is gone.
  var privateBytes: Int? { statusField("RssAnon").map { $0 * 1024 } }

  /// Highest resident memory so far, bytes; nil once the process is gone.
  var peakBytes: Int? { statusField("VmHWM").map { $0 * 1024 } }

  private func statusField(_ field: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
  }

  /// Processes whose parent this is, by name.
  func children(named name: String) -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { candidate in
      guard let entry = ProcessEntry(candidate) else { return false }
      return entry.name == name && entry.parent == pid && entry.isAlive
    }
  }
}

/// What the system says of any process.
struct ProcessEntry {
  var name: String
  var parent: pid_t
  /// False for one that has ended and waits for its parent to notice.
  var isAlive: Bool

  /// Nil if there is none.
  init?(_ pid: pid_t) {
    // The name is in parentheses and may itself hold blanks and parentheses.
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
    name = String(text[text.index(after: open)..<close])
    self.parent = parent
    isAlive = fields[0] != "Z" && fields[0] != "X"
  }
}

/// C's form of a list of strings, for the time of a call.
private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a list with its end is never empty") }
    return body(base)
  }
}
