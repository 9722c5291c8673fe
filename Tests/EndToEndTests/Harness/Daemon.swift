import Foundation
import Vocabulary

/// A data directory and the daemon on it, on a free port of the loopback interface. Killed when the test lets go.
final class Daemon {
  let workplace: Workplace
  let data: String
  private(set) var port: UInt16 = 0
  private(set) var process: ChildProcess?
  /// Further arguments of every start.
  var arguments: [String] = []

  /// Makes a data directory; starts nothing.
  init(in workplace: Workplace) throws {
    self.workplace = workplace
    data = workplace.file("data")
    let finished = try Programs.run("magpied", ["init", "--data", data], in: workplace)
    guard finished.ending == .exit(0) else {
      throw HarnessFailure("magpied init ended with \(finished.ending): \(finished.errors)")
    }
  }

  /// A daemon that is ready.
  static func started(in workplace: Workplace) throws -> Daemon {
    let daemon = try Daemon(in: workplace)
    try daemon.start()
    return daemon
  }

  /// Starts the process and returns at once.
  func launch() throws {
    guard process?.isRunning != true else { throw HarnessFailure("the daemon already runs") }
    port = try freePort()
    process = try ChildProcess(
      Programs.path("magpied"), ["serve", "--data", data, "--port", String(port)] + arguments,
      output: workplace.file("magpied.out"), errors: workplace.file("magpied.err"))
  }

  /// Waits until the daemon answers that it is ready.
  func waitUntilReady(seconds: Double = 60) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
      guard let process, process.isRunning else {
        throw HarnessFailure("magpied ended with \(String(describing: process?.ending)): \(log)")
      }
      if let connection = try? Connection(port: port),
        case .check(let report)? = try? connection.call(.check),
        report.state == .ready
      {
        return
      }
      usleep(2_000)
    }
    throw HarnessFailure("magpied is not ready after \(seconds) s: \(log)")
  }

  func start() throws {
    try launch()
    try waitUntilReady()
  }

  func connect() throws -> Connection { try Connection(port: port) }

  /// The running process.
  func running() throws -> ChildProcess { try require(process, "the daemon was not started") }

  /// SIGTERM, and waits for the end.
  func stop(seconds: Double = 40) throws -> Ending {
    let process = try running()
    process.send(SIGTERM)
    return try require(
      process.wait(seconds: seconds), "magpied still runs \(seconds) s after SIGTERM: \(log)")
  }

  /// `kill -9`.
  func kill() { process?.kill() }

  /// The last lines the daemon wrote.
  var log: String { workplace.read("magpied.err").split(separator: "\n").suffix(20).joined(separator: "\n") }

  /// Runs the command line against this daemon.
  func magpie(_ arguments: String..., seconds: Double = 120) throws -> Programs.Finished {
    try Programs.run(
      "magpie", arguments + ["--address", "127.0.0.1:\(port)"], in: workplace, seconds: seconds)
  }

  func status() throws -> StatusReport {
    guard case .status(let report) = try connect().call(.status(StatusRequest())) else {
      throw HarnessFailure("the reply to Status is another one")
    }
    return report
  }
}

/// A port nobody listens on, right now. The kernel hands them out in turn, so two tests do not get the same one.
private func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
    }
  }
  guard descriptor >= 0, result == 0 else { throw HarnessFailure("no free port: errno \(errno)") }
  return UInt16(bigEndian: address.sin_port)
}
