import ArgumentParser
import Importing
import MagpieClient

/// `magpie event`: single events.
struct EventCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Send single events.",
    discussion: """
      Example:
        magpie event send --user 17372 --item 21088 --type purchase
      """,
    subcommands: [Send.self])

  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send one event; the next list reflects it.",
      discussion: """
        With --id sending again is harmless. Without one every call is another event.

        Example:
          magpie event send --user 17372 --item 21088 --type purchase --value 2
        """)
    @OptionGroup var daemon: DaemonOptions
    @Option(help: "Who did it.")
    var user: String
    @Option(help: "To what; needed unless the type is search.")
    var item: String?
    @Option(help: "What was done, such as view, add_to_cart or purchase.")
    var type: String
    @Option(help: "A quantity, a rating, a share played.")
    var value: Double?
    @Option(help: "When: 2026-01-31T12:00:00Z, or seconds since 1970. Default: now.")
    var time: String?
    @Option(help: "Identifier of the event, at most 64 bytes. Default: a random one.")
    var id: String?
    @Option(help: "The session it belongs to.")
    var session: String?
    @Option(help: "The recommendation that led here.")
    var recommendation: String?
    @Option(help: "What was searched for.")
    var query: String?

    func validate() throws { _ = try event() }

    private func event() throws -> Event {
      guard let kind = EventType(importName: type) else {
        let names = EventType.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--type \(type) is not known; use one of \(names).")
      }
      var event = Event(
        kind, user: user, item: item, value: value, session: session, recommendation: recommendation,
        query: query)
      if let id { event.id = id }
      if let time {
        var reader = TimeReader()
        do {
          event.timeMicroseconds = try reader.read(time, field: "--time")
        } catch {
          throw ValidationError(error.message)
        }
      }
      return event
    }

    func run() async throws {
      let event = try event()
      try await daemon.withClient { client in
        try ReceiptPrinter.print(
          try await client.ingest([event]), ids: [event.id], deed: "accepted", options: daemon)
      }
    }
  }
}
