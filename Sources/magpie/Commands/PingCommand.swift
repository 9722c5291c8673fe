import ArgumentParser
import MagpieClient

/// `magpie ping`: is the daemon there, and ready?
struct PingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Ask whether the daemon is there and ready.",
    discussion: """
      Ends with 0 if it is ready, 75 if it is starting or going away, 1 if it no longer takes events, 69 if it
      is not there.

      Example:
        magpie ping --host 10.0.0.5
      """)

  @OptionGroup var daemon: DaemonOptions

  private struct Report: Encodable {
    var host: String
    var port: Int
    var state: String
    var version: String
    var milliseconds: Double
  }

  func run() async throws {
    try await daemon.withClient { client in
      // The first answer pays for the connection; the second is the round trip.
      let hello = try await client.hello(client: "magpie \(MagpieClient.version)")
      let start = ContinuousClock.now
      let state = try await client.check()
      let elapsed = (ContinuousClock.now - start).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
      let place = "\(client.configuration.host):\(client.configuration.port)"
      if daemon.json {
        Terminal.say(
          JSONText.of(
            Report(
              host: client.configuration.host, port: client.configuration.port, state: state.rawValue,
              version: hello.version, milliseconds: seconds * 1000)))
      } else {
        Terminal.say(
          "\(place) is \(state.rawValue): magpied \(hello.version), \(Figures.duration(seconds: seconds))")
      }
      switch state {
      case .ready: return
      case .starting, .draining:
        throw CommandFailure(
          .temporary, reason: state.rawValue, "The daemon is \(state.rawValue); try again in a moment.",
          isJSON: daemon.json)
      case .fenced:
        throw CommandFailure(
          .failed, reason: "write_path_fenced",
          "A write failed, so the daemon takes no more events. Look into its log, then restart it.",
          isJSON: daemon.json)
      }
    }
  }
}
