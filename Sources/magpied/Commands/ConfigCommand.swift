import ArgumentParser
import Configuration

/// `magpied config`: look at configurations without starting anything.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check and show configurations.",
    subcommands: [Check.self, Print.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether a file is a valid configuration.",
      discussion: "Looks at the file alone. Exit code 78, and the line at fault, if it is not valid.")

    @Argument(help: "The file.")
    var file: String

    func run() throws {
      do {
        _ = try Configuration.load(file: file)
      } catch {
        throw Stop(error)
      }
      Console.say("ok")
    }
  }

  struct Print: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show every value in force and where it comes from.",
      discussion:
        "Takes the same flags as run, and the same environment. The output is a valid configuration file.")

    @OptionGroup var flags: ConfigurationFlags

    func run() throws {
      do {
        let configuration = try flags.load()
        for warning in configuration.warnings { Console.complain("magpied: \(warning)") }
        Console.say(configuration.rendered())
      } catch {
        throw Stop(error)
      }
    }
  }
}
