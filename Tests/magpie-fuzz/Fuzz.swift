import Foundation
import Fuzzing

// The program that libFuzzer drives: built only by script/fuzz, with coverage and the address sanitizer, because its
// `main` is libFuzzer's. MAGPIE_FUZZ_TARGET names the parser.

/// The parser, made with the first input. libFuzzer calls from one thread.
nonisolated(unsafe) private var parse: ((UnsafeRawBufferPointer) throws -> Void)?

/// One input: ends the process if the parser does something that it must not.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  do {
    let parse = try parse ?? make()
    try parse(UnsafeRawBufferPointer(start: start, count: count))
  } catch {
    say("finding: \(error)")
    abort()
  }
  return 0
}

private func make() throws -> (UnsafeRawBufferPointer) throws -> Void {
  let name = getenv("MAGPIE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    say("MAGPIE_FUZZ_TARGET is \"\(name)\"; it must be one of \(FuzzTarget.all.map(\.name))")
    exit(64)
  }
  let made = try target.make()
  parse = made
  return made
}

private func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
