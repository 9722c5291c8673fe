import Glibc
import NIOCore

/// The daemon cannot listen where it was told to.
package struct ListenFault: Error, Sendable, CustomStringConvertible {
  /// One sentence for people: what happened and what to do.
  package let message: String
  /// The `errno` of the system call, or zero.
  package let errorNumber: Int32

  package var description: String { message }
}

extension ListenFault {
  /// What binding to an address threw, with advice. `key` is the key of the configuration to look at.
  init(_ error: any Error, host: String, port: UInt16, key: String) {
    let place = "\(host):\(port)"
    guard let failure = error as? IOError else {
      self.init(
        message: "Cannot listen on \(place): \(error). Check the host beside \(key) in the configuration.",
        errorNumber: 0)
      return
    }
    let advice =
      switch failure.errnoCode {
      case EADDRINUSE: "another program listens there; stop it or choose another port (\(key))."
      case EACCES: "this user may not; choose a port above 1023 (\(key))."
      case EADDRNOTAVAIL: "this machine has no such address; choose one of its own."
      default: "\(String(cString: strerror(failure.errnoCode)))."
      }
    self.init(message: "Cannot listen on \(place): \(advice)", errorNumber: failure.errnoCode)
  }
}
