import ArgumentParser
import MagpieClient

/// `magpie drain`: end the daemon in order.
struct DrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "End the daemon in order, as SIGTERM does.",
    discussion: """
      Health checks say `draining` from now on, clients are told to go elsewhere, requests in flight are answered, \
      everything is stored. With --wait the command ends when the daemon is gone, or with 75 if that takes longer than \
      it should.

      Example:
        magpie drain --wait
      """)

  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Wait until the daemon is gone.")
  var wait = false

  private struct Report: Encodable {
    var drain_seconds: Int64
    var gone: Bool
  }

  /// Closing takes a moment beyond the wait for requests: a trainer may take two seconds to end.
  private static let graceSeconds: Int64 = 10

  func run() async throws {
    try await daemon.withClient { client in
      let longest = try await client.drain()
      if wait { try await untilGone(client, seconds: longest.components.seconds + Self.graceSeconds) }
      if daemon.json {
        Terminal.say(JSONText.of(Report(drain_seconds: longest.components.seconds, gone: wait)))
      } else {
        Terminal.say(
          wait
            ? "The daemon is gone."
            : "The daemon ends within \(Figures.duration(seconds: Double(longest.components.seconds))).")
      }
    }
  }

  private func untilGone(_ client: MagpieClient, seconds: Int64) async throws {
    let bar = ProgressBar("Draining", isSilent: daemon.json)
    var configuration = client.configuration
    configuration.retry.attemptsMax = 1
    configuration.deadline = .seconds(1)
    while bar.elapsedSeconds < Double(seconds) {
      // A client of its own each time: the daemon refuses new connections once it has stopped listening.
      let probe = MagpieClient(configuration: configuration)
      let state = try? await probe.check()
      await probe.shutdown()
      if state == nil {
        bar.clear()
        return
      }
      bar.show(fraction: nil, details: state?.rawValue ?? "")
      try await Task.sleep(for: .milliseconds(100))
    }
    bar.clear()
    throw CommandFailure(
      .temporary, reason: "draining", "The daemon still answers after \(seconds) s; look into its log.",
      isJSON: daemon.json)
  }
}
