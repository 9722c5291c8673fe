import ArgumentParser
import Foundation
import Storage

/// `magpied init`: makes a data directory.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make an empty data directory.",
    discussion: "The path must not exist, or be an empty directory.")

  @Option(help: ArgumentHelp("Where. Default: MAGPIE_DATA.", valueName: "dir"))
  var data: String?

  func run() throws {
    guard let path = data ?? ProcessInfo.processInfo.environment["MAGPIE_DATA"], !path.isEmpty else {
      throw ValidationError("Say where: --data DIR.")
    }
    do {
      try DataDirectory.initialize(at: path)
    } catch {
      throw Stop(error)
    }
    Console.say("\(path) is ready. Next: magpied run --data \(path)")
  }
}
