import Foundation
import Vocabulary

/// A data directory and the daemon on it, on a free port of the loopback interface. Killed when the test lets go.
final class Daemon {
  let workplace: Workplace
  let data: String
  private(set) var port: UInt16 = 0
  private(set) var process: ChildProcess?
  private var starts = 0
  /// What two daemons in one workplace tell apart: the name of the data directory.
  private let name: String
  private var outputName: String { "magpied-\(name)-\(starts).out" }
  /// The file of the workplace with what the daemon wrote in all its starts.
  var errorsName: String { name == Self.ownName ? "magpied.err" : "magpied-\(name).err" }
  private static let ownName = "data"
  /// The port the next start asks for; 0 takes a free one.
  var wantedPort: UInt16 = 0
  /// Further variables of every start.
  var environment: [String: String] = [:]
  /// Further arguments of every start.
  var arguments: [String] = []
  /// A program, by path, that starts the daemon in our stead, with its arguments: `prlimit`, `setpriv`.
  var launcher: [String] = []

  /// Makes a data directory; starts nothing.
  init(in workplace: Workplace) throws {
    self.workplace = workplace
    name = Self.ownName
    data = workplace.file(name)
    let finished = try Programs.run("magpied", ["init", "--data", data], in: workplace)
    guard finished.ending == .exit(0) else {
      throw HarnessFailure("magpied init ended with \(finished.ending): \(finished.errors)")
    }
  }

  /// Takes a data directory that is there already; starts nothing.
  init(in workplace: Workplace, on data: String) {
    self.workplace = workplace
    self.data = data
    name = (data as NSString).lastPathComponent
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
    starts += 1
    let command =
      launcher + [try Programs.path("magpied"), "run", "--data", data, "--port", String(wantedPort)]
      + arguments
    process = try ChildProcess(
      command[0], Array(command.dropFirst()),
      environment: environment, output: workplace.file(outputName), errors: workplace.file(errorsName))
  }

  /// Waits until the daemon says where it answers, and it does.
  func waitUntilReady(seconds: Double = 60) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
      guard let process, process.isRunning else {
        throw HarnessFailure("magpied ended with \(String(describing: process?.ending)): \(log)")
      }
      let words = workplace.read(outputName).split(whereSeparator: \.isWhitespace)
      if words.count == 3, words[0] == "ready", let announced = UInt16(words[2]) {
        port = announced
        guard case .check(let report) = try connect().call(.check), report.state == .ready else {
          throw HarnessFailure("magpied said it was ready, but does not answer so")
        }
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
    let ending = try require(
      process.wait(seconds: seconds), "magpied still runs \(seconds) s after SIGTERM: \(log)")
    // A test that expects another end says only that it is another; what a sanitizer found goes with the workplace.
    if ending != .exit(0) { print("magpied ended with \(ending): \(log)") }
    return ending
  }

  /// `kill -9`.
  func kill() { process?.kill() }

  /// The last lines the daemon wrote.
  var log: String { workplace.read(errorsName).split(separator: "\n").suffix(20).joined(separator: "\n") }

  /// Runs the command line against this daemon.
  func magpie(_ arguments: String..., seconds: Double = 120) throws -> Programs.Finished {
    try Programs.run(
      "magpie", arguments + ["--host", "127.0.0.1", "--port", String(port)], in: workplace, seconds: seconds)
  }

  func status() throws -> StatusReport {
    guard case .status(let report) = try connect().call(.status(StatusRequest())) else {
      throw HarnessFailure("the reply to Status is another one")
    }
    return report
  }
}
