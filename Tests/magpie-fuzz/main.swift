import CLibFuzzer
import Foundation
import Fuzzing

// The program that script/fuzz builds, with coverage and the address sanitizer, and that libFuzzer drives.
// MAGPIE_FUZZ_TARGET names the parser.

/// The parser. Set once, before libFuzzer calls from this one thread.
nonisolated(unsafe) private var parse: (UnsafeRawBufferPointer) throws -> Void = { _ in }

/// One input: ends the process if the parser does something that it must not.
private func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try parse(UnsafeRawBufferPointer(start: start, count: count))
  } catch {
    say("finding: \(error)")
    abort()
  }
  return 0
}

private func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

let name = ProcessInfo.processInfo.environment["MAGPIE_FUZZ_TARGET"] ?? ""
guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
  say("MAGPIE_FUZZ_TARGET is \"\(name)\"; it must be one of \(FuzzTarget.all.map(\.name))")
  exit(64)
}
do {
  parse = try target.make()
} catch {
  say("The target \(name) cannot be made: \(error)")
  exit(70)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
