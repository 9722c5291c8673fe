import ArgumentParser
import Foundation
import MagpieClient

/// `magpie config`: look at a daemon's configuration and change it while it runs.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Look at a daemon's configuration, and change it while it runs.",
    discussion: """
      Changes hold from the next request on, are kept over restarts, and stand between the configuration file and \
      MAGPIE_* variables. A mistake is refused with its key, and changes nothing.

      Examples:
        magpie config get reading.hide_seen
        magpie config set scenarios.basket.hide_seen=false 'reading.filter=not item.adult'
        magpie config apply scenarios.yaml
        magpie config reset scenarios.basket
      """,
    subcommands: [Get.self, Check.self, SetKeys.self, Apply.self, Reset.self, History.self],
    defaultSubcommand: Get.self)

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what is in force, and where each value comes from.",
      discussion: """
        Examples:
          magpie config get
          magpie config get scenarios
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "A key, or a section; none for everything.")
    var key: String?

    func run() async throws {
      try await daemon.withClient { client in
        let report = try await client.configurationInForce()
        guard let key else { return ConfigurationPrinter.print(report, options: daemon) }
        let lines = ConfigurationPrinter.lines(of: key, in: report.text)
        guard !lines.isEmpty else {
          throw CommandFailure(
            .failed, reason: "configuration_invalid",
            "Nothing is said of \(key). All keys: magpie config get", isJSON: daemon.json)
        }
        var part = report
        part.text = lines.joined(separator: "\n") + "\n"
        ConfigurationPrinter.print(part, options: daemon)
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a file would change, without taking it.",
      discussion: """
        Example:
          magpie config check scenarios.yaml
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The file; - for standard input.")
    var file: String

    func run() async throws {
      let bytes = try ConfigCommand.read(file, daemon)
      try await daemon.withClient { client in
        ConfigurationPrinter.printOutcome(
          try await client.checkConfiguration(.file(bytes)), did: "would change", options: daemon)
      }
    }
  }

  struct SetKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change keys, on top of what was changed before.",
      discussion: """
        Examples:
          magpie config set reading.source_weights.trending=0.2
          magpie config set 'scenarios.gifts.filter=item.price < 50' scenarios.gifts.hide_seen=false
          magpie config set reading.hide_seen=false --dry-run
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: ArgumentHelp("Keys with their values.", valueName: "key=value"))
    var assignments: [String]
    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false
    @Option(help: ArgumentHelp("Refuse unless this configuration is in force.", valueName: "hash"))
    var ifHash: String?

    func validate() throws {
      for assignment in assignments where !assignment.contains("=") {
        throw ValidationError("set takes KEY=VALUE, not '\(assignment)'.")
      }
      if let ifHash, UInt64(ifHash, radix: 16) == nil {
        throw ValidationError("--if-hash takes the hash as `magpie config get` shows it, not '\(ifHash)'.")
      }
    }

    func run() async throws {
      let keys = assignments.map { assignment in
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return ConfigurationAssignment(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      }
      let hash = ifHash.flatMap { UInt64($0, radix: 16) } ?? 0
      try await daemon.withClient { client in
        let report =
          dryRun
          ? try await client.checkConfiguration(.keys(keys))
          : try await client.changeConfiguration(.keys(keys), expectedHash: hash)
        ConfigurationPrinter.printOutcome(report, did: dryRun ? "would change" : "changed", options: daemon)
      }
    }
  }

  struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a file in place of everything that was changed before.",
      discussion: """
        The file holds only keys that may change while the daemon runs.

        Example:
          magpie config apply scenarios.yaml
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The file; - for standard input.")
    var file: String

    func run() async throws {
      let bytes = try ConfigCommand.read(file, daemon)
      try await daemon.withClient { client in
        ConfigurationPrinter.printOutcome(
          try await client.changeConfiguration(.file(bytes)), did: "changed", options: daemon)
      }
    }
  }

  struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take back what was changed at run time.",
      discussion: """
        Examples:
          magpie config reset scenarios.gifts
          magpie config reset --all
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Keys, or sections with everything below them.")
    var keys: [String] = []
    @Flag(help: "Everything.")
    var all = false

    func validate() throws {
      guard all != !keys.isEmpty else { throw ValidationError("Name keys, or say --all.") }
    }

    func run() async throws {
      try await daemon.withClient { client in
        ConfigurationPrinter.printOutcome(
          try await client.resetConfiguration(keys), did: "changed", options: daemon)
      }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what was changed when, newest first.",
      discussion: """
        Example:
          magpie config history --json | jq '.revisions[0]'
        """)
    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
      try await daemon.withClient { client in
        ConfigurationPrinter.print(try await client.configurationHistory(), options: daemon)
      }
    }
  }

  private static func read(_ file: String, _ daemon: DaemonOptions) throws -> [UInt8] {
    let data =
      file == "-"
      ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
    guard let data else {
      throw CommandFailure(
        .badData, reason: "file", "\(file) does not exist or cannot be read.", isJSON: daemon.json)
    }
    return Array(data)
  }
}
