import ArgumentParser
import Configuration
import FaultPoints
import Foundation
import Logging
import Storage

/// `magpied run`: serve until told to stop.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Serve a data directory (the default).",
    discussion: """
      When requests are answered, one line on standard output says where: `ready HOST PORT`. Logs go to standard \
      error. SIGTERM or SIGINT stops in order, a second one at once, SIGHUP reads the configuration again and puts in \
      force what may change while running.
      """,
    aliases: ["serve"])

  @OptionGroup var flags: ConfigurationFlags
  @Flag(name: .customLong("init"), help: "Make the data directory first if it does not exist.")
  var initializes = false
  @Option(
    help: ArgumentHelp(
      "File that gets `HOST PORT` when requests are answered, and goes at the end.", valueName: "file"))
  var readyFile: String?
  @Option(help: "text or json. Default: text on a terminal, json elsewhere.")
  var logFormat: LogFormat?

  func run() async throws {
    let configuration: Configuration
    do {
      configuration = try flags.load()
    } catch {
      throw Stop(error)
    }
    let level = LogLevelSwitch(configuration.settings.logLevel)
    let logger = makeLogger(level)
    for warning in configuration.warnings {
      logger.warning("\(warning)", metadata: ["event": "configuration"])
    }
    do throws(FaultPoints.Refusal) {
      if let order = try FaultPoints.arm() {
        logger.warning(
          "This daemon will kill itself at the fault point \(order.text): a test has asked for it.",
          metadata: ["event": "fault_point"])
      }
    } catch {
      throw Stop(code: 78, error.description)
    }
    let daemon = Daemon(
      configuration: configuration,
      reload: { [flags] changes throws(ConfigurationFault) in try flags.load(changes) },
      initializes: initializes, readyFile: readyFile, level: level, logger: logger)
    try await daemon.run()
  }

  private func makeLogger(_ level: LogLevelSwitch) -> Logger {
    let format = logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
    LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format, level: level) }
    return Logger(label: "magpied")
  }
}

extension LogFormat: ExpressibleByArgument {}
