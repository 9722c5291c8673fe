import Foundation

/// The library that makes the Nth call of a process fail: Tests/CFaults/faults.c, built once for all tests.
struct FaultLibrary {
  let path: String

  init(in workplace: Workplace) throws {
    path = workplace.file("faults.so")
    let source = Programs.repository + "/Tests/CFaults/faults.c"
    let compilers = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"] + Self.compilersInPath
    guard let compiler = compilers.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
      throw HarnessFailure("no C compiler; script/bootstrap installs one")
    }
    let process = try ChildProcess(
      compiler, ["-shared", "-fPIC", "-O1", "-o", path, source, "-ldl"],
      output: workplace.file("cc.out"), errors: workplace.file("cc.err"))
    guard process.wait(seconds: 60) == .exit(0) else {
      throw HarnessFailure("\(source) does not compile: \(workplace.read("cc.err"))")
    }
  }

  private static var compilersInPath: [String] {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/clang" }
  }

  /// What shall fail, and what came of it.
  struct Plan {
    enum Kind: String, CaseIterable {
      case write, sync, rename, open, mmap, accept, allocate
    }

    var kind: Kind
    /// 0 only counts.
    var number: UInt64
    /// A number of errno, or `kill`.
    var action: String
    /// Files below it count.
    var under: String
    let counter: String

    init(_ kind: Kind, _ number: UInt64, _ action: String, under: String, in workplace: Workplace) throws {
      self.kind = kind
      self.number = number
      self.action = action
      self.under = under
      counter = workplace.file("calls-\(UUID().uuidString)")
      try Data(count: 4096).write(to: URL(filePath: counter))
    }

    func environment(_ library: FaultLibrary) -> [String: String] {
      [
        "LD_PRELOAD": library.path, "MAGPIE_FAULT_KIND": kind.rawValue, "MAGPIE_FAULT_AT": String(number),
        "MAGPIE_FAULT_ACTION": action, "MAGPIE_FAULT_UNDER": under, "MAGPIE_FAULT_COUNTER": counter,
      ]
    }

    private func word(_ place: Int) -> UInt64 {
      let bytes = FileManager.default.contents(atPath: counter) ?? Data()
      return bytes.dropFirst(8 * place).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Calls of this kind so far.
    var calls: UInt64 { word(0) }
    /// Whether one was made to fail.
    var hasStruck: Bool { word(1) != 0 }
  }
}
