import Glibc
import NIOCore
import NIOPosix
import Vocabulary

/// Puts into words why no connection took a request.
enum ConnectFault {
  /// The connection chosen for a request was gone when its turn came.
  static let closedBeforehand = Fault(.connectionLost, "The connection closed before the request left.")

  /// Why an attempt to connect failed.
  static func explain(_ error: any Error, host: String, port: Int) -> Fault {
    let place = "\(host):\(port)"
    let text: String
    switch error {
    case let error as NIOConnectionError:
      if error.connectionErrors.isEmpty {
        text = "The host \(host) is not known; check its spelling."
      } else {
        let causes = error.connectionErrors.map { cause in describe(cause.error) }
        text =
          "Cannot connect to \(place): \(causes.first ?? "unknown"). Start magpied there, or check host and port."
      }
    case ChannelError.connectTimeout(_):
      text = "\(place) did not accept a connection in time; check host, port and firewall."
    default:
      text = "Cannot connect to \(place): \(describe(error)). Start magpied there, or check host and port."
    }
    return Fault(.connectionLost, text)
  }

  private static func describe(_ error: any Error) -> String {
    switch error {
    case let error as IOError where error.errnoCode == ECONNREFUSED: "connection refused"
    case let error as IOError: error.description
    case ChannelError.connectTimeout(_): "no answer in time"
    default: String(describing: error)
    }
  }
}
