import ArgumentParser
import MagpieClient

/// `magpie replay`: a list once more, from its token.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Make a list again from its token, and say whether it is the same.",
    discussion: """
      The token is in the answer of recommend, similar, complete and rank. A daemon whose state has moved on says so and how
      to get back: restore a snapshot up to the list's position, start a daemon on it, and replay there.

      Ends with 0 if the list is the same byte for byte, with 1 if it is not.

      Example:
        magpie replay $(magpie recommend 17372 --json | jq -r .token)
      """)

  @OptionGroup var daemon: DaemonOptions

  @Argument(help: "The token.")
  var token: String

  func run() async throws {
    try await daemon.withClient { client in
      let replay = try await client.replay(token: token)
      if daemon.json {
        Terminal.say(JSONText.of(ReplayJSON(replay, words: ReasonWords())))
      } else {
        await SlatePrinter.print(
          replay.slate, heading: "Replayed", user: nil, options: daemon, explains: false, client: client)
      }
      guard replay.isSame else {
        throw CommandFailure(
          .failed, reason: "replay_state_moved",
          """
          This list is not the one the token came with: items or trends have changed since position \
          \(replay.slate.position). Make that state again and replay there: magpie snapshot restore --at \
          \(replay.slate.position) --help
          """, isJSON: daemon.json)
      }
      if !daemon.json { Terminal.say("Byte for byte the list the token came with.") }
    }
  }
}

/// A replay as `--json` prints it.
struct ReplayJSON: Encodable {
  var same: Bool
  var slate: SlateReport

  init(_ replay: Replay, words: ReasonWords) {
    same = replay.isSame
    slate = SlateReport(replay.slate, words: words)
  }
}
