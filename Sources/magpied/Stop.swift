import Configuration
import Glibc
import Storage
import Transport

/// Why the program ends, in a sentence for people, and the exit code that says it to programs.
struct Stop: Error {
  let code: Int32
  let message: String

  init(code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ fault: StorageFault) { self.init(code: fault.exitCode, fault.description) }

  init(_ fault: ConfigurationFault) { self.init(code: 78, fault.description) }

  init(_ fault: ListenFault) {
    self.init(code: fault.errorNumber == EACCES ? 77 : 69, fault.message)
  }
}

/// Whole lines to the standard streams, past stdio: nothing stays in a buffer when the process ends.
enum Console {
  static func say(_ text: String) { write(text, to: STDOUT_FILENO) }
  static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

  static func write(_ text: String, to file: Int32) {
    var bytes = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      // A reader that has gone does not stop the daemon.
      if written <= 0 { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
