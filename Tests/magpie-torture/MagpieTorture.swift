import ArgumentParser
import Foundation
import Glibc
import Torture

/// `magpie-torture`, the program behind script/torture.
@main
struct MagpieTorture: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpie-torture",
    abstract:
      "Kill a Magpie daemon again and again, and see whether anything acknowledged is lost or counted twice.",
    discussion: """
      Examples:
        magpie-torture --minutes 60
        magpie-torture --rounds 20 --seed 7 --json

      It makes data directories of its own and a load of writers, readers, snapshots and trainings. The daemon is killed \
      at random moments and at named fault points, some of them while it starts or stops, with the disk full, nearly \
      full or slow. After each start everything acknowledged must be there exactly once. The report goes to standard \
      output; docs/faults.md explains it.

      Exit codes:
        0 nothing lost, nothing twice, nothing else wrong   1 not so   2 wrong usage
      """)

  @Option(help: "Begin no round after this many minutes.")
  var minutes: Double?
  @Option(help: "Begin no more rounds than this.")
  var rounds: Int?
  @Option(help: "Where everything random comes from. Default: a new one, which is told.")
  var seed: UInt64?
  @Option(
    help: ArgumentHelp("Where to work. Default: a new directory for temporary files.", valueName: "dir"))
  var directory: String?
  @Option(help: ArgumentHelp("The daemon. Default: magpied beside this program.", valueName: "file"))
  var daemon: String?
  @Option(
    help: ArgumentHelp("The library for slow disks and clocks; script/torture builds it.", valueName: "file"))
  var shim: String?
  @Flag(help: "Print one JSON object: kills, acknowledged, lost, duplicated, recovery_times.")
  var json = false

  func validate() throws {
    if minutes == nil, rounds == nil { throw ValidationError("Say how long: --minutes N or --rounds N.") }
    if let minutes, !(minutes > 0 && minutes <= 100_000) {
      throw ValidationError("--minutes must be more than 0.")
    }
    if let rounds, rounds < 1 { throw ValidationError("--rounds must be at least 1.") }
  }

  func run() async throws {
    let seed = seed ?? .random(in: 0...UInt64(UInt32.max))
    let name = "magpie-torture-\(getpid())"
    var plan = TortureRun.Plan(
      seed: seed, directory: directory.map { $0 + "/" + name } ?? NSTemporaryDirectory() + "/" + name,
      program: try daemon ?? beside("magpied"))
    plan.patience = minutes.map { .seconds($0 * 60) }
    plan.roundsMax = rounds ?? .max
    plan.shim = shim
    note("seed \(seed), in \(plan.directory)")
    let began = ContinuousClock.now
    let isTerminal = isatty(STDERR_FILENO) == 1
    var told = began
    let torture = TortureRun(plan) { tally in
      guard isTerminal || ContinuousClock.now - told > .seconds(30) else { return }
      told = ContinuousClock.now
      let elapsed = (told - began).components.seconds
      let line =
        "\(elapsed) s: \(tally.rounds) rounds, \(tally.kills) kills, lost \(tally.finding.lost), duplicated \(tally.finding.duplicated)"
      Self.write(isTerminal ? "\r\u{1b}[K\(line)" : line + "\n")
    }
    let tally = try await torture.run()
    if isTerminal { Self.write("\r\u{1b}[K") }
    let duration = ContinuousClock.now - began
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    let report = tally.text(seconds: seconds, seed: seed)
    if json {
      note(report)
      print(tally.json)
    } else {
      print(report)
    }
    if tally.holds { return }
    for text in tally.finding.examples + tally.problems { note("!! \(text)") }
    note("The data lies in \(plan.directory). Run it again: --seed \(seed)")
    throw ExitCode(1)
  }

  private func beside(_ name: String) throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = (own as NSString).deletingLastPathComponent + "/" + name
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw ValidationError("\(path) is not there; build it, or say where with --daemon.")
    }
    return path
  }

  private func note(_ text: String) { Self.write(text + "\n") }

  private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess { print(text) } else { write(text + "\n") }
      Glibc.exit(code.isSuccess ? 0 : code == .validationFailure ? 2 : code.rawValue)
    }
  }
}
