import Foundation

/// Runs the program beside the tests.
enum MagpieProgram {
  struct Ending: Sendable {
    var code: Int32
    var output: String
    var messages: String
  }

  struct Missing: Error {
    var path: String
  }

  /// The directory that holds the test bundle holds the programs of the same build.
  private static func path() throws -> String {
    let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let candidates = [here] + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
    for candidate in candidates {
      let path = URL(filePath: candidate).deletingLastPathComponent().path + "/magpie"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw Missing(path: here)
  }

  /// Runs it to its end, on a thread that may wait; no variable of this process reaches it but those given.
  static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Ending {
    let process = Process()
    process.executableURL = URL(filePath: try path())
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    let messages = Pipe()
    process.standardOutput = output
    process.standardError = messages
    try process.run()
    async let said = read(output)
    async let complained = read(messages)
    let (out, err) = (await said, await complained)
    process.waitUntilExit()
    return Ending(code: process.terminationStatus, output: out, messages: err)
  }

  private static func read(_ pipe: Pipe) async -> String {
    await withCheckedContinuation { continuation in
      let handle = pipe.fileHandleForReading
      Thread.detachNewThread {
        continuation.resume(returning: String(decoding: handle.readDataToEndOfFile(), as: UTF8.self))
      }
    }
  }
}
