import ArgumentParser
import Configuration
import Storage
import Vocabulary

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
        "Takes the same flags as run, and the same environment, and what was changed at run time in the data directory. The output is a valid configuration file."
    )

    @OptionGroup var flags: ConfigurationFlags

    func run() throws {
      do {
        let plain = try flags.load()
        // What was changed at run time lies in the data directory, if there is one yet.
        let path = plain.settings.dataDirectory
        let revisions = path.isEmpty ? [] : try ChangeFile.read(at: path)
        let configuration = try flags.load(ConfigurationDesk.changes(revisions))
        for warning in configuration.warnings { Console.complain("magpied: \(warning)") }
        Console.say(configuration.rendered())
      } catch let fault as ConfigurationFault {
        throw Stop(fault)
      } catch let fault as StorageFault {
        throw Stop(fault)
      }
    }
  }
}
