import Foundation

/// The programs under test: those the same build put beside the test bundle.
enum Programs {
  static let directory: String = {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (executable as NSString).deletingLastPathComponent
  }()

  /// The repository, found from this file: the sample data lies in it.
  static let repository: String = {
    var path = #filePath as NSString
    for _ in 0..<4 { path = path.deletingLastPathComponent as NSString }
    return path as String
  }()

  static func path(_ name: String) throws -> String {
    let path = directory + "/" + name
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw HarnessFailure("\(path) is not there; build everything with script/build --tests first")
    }
    return path
  }

  /// What a program said and how it ended.
  struct Finished: Sendable {
    var ending: Ending
    var output: String
    var errors: String

    var json: Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }
  }

  /// Runs a program to its end: one of ours by name, any other by path.
  static func run(
    _ name: String, _ arguments: [String], in workplace: Workplace, environment: [String: String] = [:],
    seconds: Double = 60
  ) throws -> Finished {
    let stem = (name as NSString).lastPathComponent + "-" + UUID().uuidString
    let process = try ChildProcess(
      name.hasPrefix("/") ? name : path(name), arguments, environment: environment,
      output: workplace.file(stem + ".out"),
      errors: workplace.file(stem + ".err"))
    guard let ending = process.wait(seconds: seconds) else {
      throw HarnessFailure(
        "\(name) \(arguments.joined(separator: " ")) still runs after \(seconds) s; it said: "
          + workplace.read(stem + ".err"))
    }
    return Finished(
      ending: ending, output: workplace.read(stem + ".out"), errors: workplace.read(stem + ".err"))
  }
}
