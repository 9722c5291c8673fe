import ArgumentParser
import Configuration
import Foundation

/// The flags that make up a configuration, shared by `run` and `config print`.
struct ConfigurationFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Configuration file. Default: MAGPIE_CONFIG, or none.", valueName: "file"))
  var config: String?
  @Option(help: ArgumentHelp("Data directory.", valueName: "dir"))
  var data: String?
  @Option(help: "Interface to listen on.")
  var host: String?
  @Option(help: "Port to listen on; 0 takes a free one.")
  var port: String?
  @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info.")
  var logLevel: String?
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets any key of the configuration; may be repeated.", valueName: "key=value"))
  var assignments: [String] = []

  func validate() throws {
    for assignment in assignments where !assignment.contains("=") {
      throw ValidationError("--set takes KEY=VALUE, not '\(assignment)'.")
    }
  }

  /// - Parameter changes: made at run time, weaker than environment and flags.
  func load(_ changes: [ConfigurationChange] = []) throws(ConfigurationFault) -> Configuration {
    let environment = ProcessInfo.processInfo.environment
    var flags: [Configuration.Flag] = []
    for assignment in assignments {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      flags.append(.init("--set", key: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : ""))
    }
    if let data { flags.append(.init("--data", key: "data", value: data)) }
    if let host { flags.append(.init("--host", key: "host", value: host)) }
    if let port { flags.append(.init("--port", key: "port", value: port)) }
    if let logLevel { flags.append(.init("--log-level", key: "log_level", value: logLevel)) }
    return try Configuration.load(
      file: config ?? environment["MAGPIE_CONFIG"], changes: changes, environment: environment, flags: flags)
  }
}
