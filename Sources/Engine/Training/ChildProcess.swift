import CProcess
import Foundation
import Glibc
import Locking
import Vocabulary

/// A program started by us, whose two outputs are read line by line.
///
/// The child gets no descriptor but its three standard ones, default signal handling, and a process group of
/// its own, so that a Ctrl-C meant for the daemon does not reach it before the daemon decides.
final class ChildProcess: Sendable {
  enum Stream: Sendable {
    case output
    case error
  }

  /// How it ended.
  enum Ending: Sendable, Hashable {
    case exit(Int32)
    case signal(Int32)
    /// It said nothing for too long, and was killed.
    case silence
  }

  /// The child could not be started; `errno`.
  struct SpawnFault: Error {
    let errorNumber: Int32
  }

  /// Longest line kept; what is longer is cut, because the child is not trusted to be well.
  private static let lineBytesMax = 16 * 1024

  private let output: Int32
  private let error: Int32
  /// Nil once the child was reaped: its number may then belong to another process.
  private let pid: Locked<pid_t?>

  /// Time between two looks at whether the child lives, while it says nothing.
  private static let tickMilliseconds: Int32 = 200

  /// REQUIRES: the calling thread outlives the child, if that asks the kernel to end with its parent: the
  /// kernel means the thread.
  init(_ program: String, _ arguments: [String]) throws(SpawnFault) {
    let (outputRead, outputWrite) = try Self.pipe()
    let errorRead: Int32
    let errorWrite: Int32
    do {
      (errorRead, errorWrite) = try Self.pipe()
    } catch {
      close(outputRead)
      close(outputWrite)
      throw error
    }
    defer {
      close(outputWrite)
      close(errorWrite)
    }
    do {
      pid = Locked(try Self.spawn(program, arguments, output: outputWrite, error: errorWrite))
    } catch {
      close(outputRead)
      close(errorRead)
      throw error
    }
    output = outputRead
    error = errorRead
  }

  deinit {
    close(output)
    close(error)
  }

  private static func pipe() throws(SpawnFault) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw SpawnFault(errorNumber: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(
    _ program: String, _ arguments: [String], output: Int32, error: Int32
  ) throws(SpawnFault) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO)
    magpie_spawn_close_from(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var pid = pid_t()
    let status = withCStrings([program] + arguments) { argv in
      withCStrings(environment) { envp in
        posix_spawn(&pid, program, &actions, &attributes, argv, envp)
      }
    }
    guard status == 0 else { throw SpawnFault(errorNumber: status) }
    return pid
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      // A buffer with at least the ending nil has an address.
      withExtendedLifetime(buffer) { buffer.baseAddress.map { body(UnsafePointer($0)) } } ?? body([nil])
    }
  }

  /// Reads both outputs until they are closed or the child has ended, then reaps it. `line` is called on this
  /// thread, once for each line.
  /// - Parameter silence: milliseconds without any output after which the child is taken to hang and is killed.
  func run(silence: Int64, _ line: (Stream, String) -> Void) -> Ending {
    var buffers: [(stream: Stream, file: Int32, bytes: [UInt8], isOpen: Bool)] = [
      (.output, output, [], true), (.error, error, [], true),
    ]
    var silentSince = ContinuousNanoseconds.now
    var isSilent = false
    while buffers.contains(where: \.isOpen) {
      var polls = buffers.map { pollfd(fd: $0.isOpen ? $0.file : -1, events: Int16(POLLIN), revents: 0) }
      let ready = poll(&polls, nfds_t(polls.count), Self.tickMilliseconds)
      if ready < 0 && errno == EINTR { continue }
      if ready < 0 { break }
      if ready == 0 {
        // A process that the child started may hold the outputs open after the child's own end.
        if let ending = reapOnce() { return isSilent ? .silence : ending }
        if (ContinuousNanoseconds.now - silentSince) / 1_000_000 >= UInt64(max(0, silence)) {
          isSilent = true
          send(SIGKILL)
        }
        continue
      }
      silentSince = ContinuousNanoseconds.now
      for index in buffers.indices where polls[index].revents != 0 {
        buffers[index].isOpen = Self.read(buffers[index].file, into: &buffers[index].bytes)
        let (stream, isOpen) = (buffers[index].stream, buffers[index].isOpen)
        Self.takeLines(&buffers[index].bytes, isLast: !isOpen) { line(stream, $0) }
      }
    }
    let ending = reap()
    return isSilent ? .silence : ending
  }

  /// Returns false at the end of the stream.
  private static func read(_ file: Int32, into bytes: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR }
    bytes.append(contentsOf: chunk[..<count])
    return count > 0
  }

  private static func takeLines(_ bytes: inout [UInt8], isLast: Bool, _ line: (String) -> Void) {
    while let end = bytes.firstIndex(of: 10) {
      line(String(decoding: bytes[..<end].prefix(lineBytesMax), as: UTF8.self))
      bytes.removeSubrange(...end)
    }
    if !bytes.isEmpty, isLast || bytes.count > lineBytesMax {
      line(String(decoding: bytes.prefix(lineBytesMax), as: UTF8.self))
      bytes.removeAll()
    }
  }

  /// Waits for the end. A child that closed its outputs but lives on is ended.
  private func reap() -> Ending {
    var turns = 0
    while true {
      if let ending = reapOnce() { return ending }
      usleep(5_000)
      turns += 1
      if turns == 400 { send(SIGTERM) }
      if turns == 1_000 { send(SIGKILL) }
    }
  }

  /// How the child ended, nil if it has not.
  private func reapOnce() -> Ending? {
    // Under the lock, so that no signal goes to a number that was given to another process meanwhile.
    pid.withLock { pid in
      guard let child = pid else { return .exit(-1) }
      var status: Int32 = 0
      let reaped = waitpid(child, &status, WNOHANG)
      guard reaped == child || (reaped < 0 && errno != EINTR) else { return nil }
      pid = nil
      guard reaped == child else { return .exit(-1) }
      let signal = status & 0x7f
      return signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }
  }

  /// Signals the child and whatever it started. Any thread. Does nothing once the child was reaped.
  func send(_ signal: Int32) {
    // The child leads a process group of its own.
    pid.withLock { if let child = $0 { _ = kill(-child, signal) } }
  }
}
