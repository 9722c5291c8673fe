import Foundation

/// The library of `Tests/Torture/Shim` that slows, fails, shortens and interrupts system calls and turns the clock. Built
/// once for each run of the tests, with the C compiler that the build needs anyway.
enum FaultShim {
  private static let built: Result<String, HarnessFailure> = {
    let path = Programs.directory + "/fault-shim-tests.so"
    do {
      let process = try ChildProcess(
        "/bin/sh", [Programs.repository + "/Tests/Torture/Shim/build", path], output: path + ".log",
        errors: path + ".log")
      guard process.wait(seconds: 60) == .exit(0) else {
        return .failure(HarnessFailure("Tests/Torture/Shim/build failed; see \(path).log"))
      }
      return .success(path)
    } catch {
      return .failure(HarnessFailure("\(error)"))
    }
  }()

  /// Path of the library.
  static func path() throws -> String { try built.get() }

  /// The environment for a program with these faults, such as `SHIM_FAIL`.
  static func environment(_ orders: [String: String]) throws -> [String: String] {
    orders.merging(["LD_PRELOAD": try path()]) { $1 }
  }
}
