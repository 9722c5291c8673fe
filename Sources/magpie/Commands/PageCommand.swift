import ArgumentParser
import MagpieClient
import Reading

/// `magpie page`: the lists of one screen.
struct PageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page", abstract: "Print several lists for one screen, answered from one state.",
    discussion: """
      FILE holds one list a line, a JSON object; lists with the same "distinct" share no item, earlier ones choose first:

        {"name": "For you", "user": "17372", "k": 5, "distinct": "home"}
        {"name": "More like this", "session": ["21088"], "k": 5, "distinct": "home", "exclude": ["21096"]}

      Names: name, user, session, scenario, k, exclude, seen (hide, allow), seed, distinct.

      Example:
        magpie page home.jsonl
      """)

  @OptionGroup var daemon: DaemonOptions

  @Argument(help: "The file with the lists.", completion: .file())
  var file: String

  @Flag(help: "Show each source's rank and score, and the time of each step.")
  var explain = false

  func run() async throws {
    let lists = try PageFile.read(file, explain: explain ? .full : .reasons, isJSON: daemon.json)
    try await daemon.withClient { client in
      let page = try await client.recommendPage(lists.map(\.query))
      if daemon.json { return Terminal.say(JSONText.of(await PageReport(page, lists, client: client))) }
      for (answer, list) in zip(page, lists) {
        switch answer {
        case .slate(let slate):
          await SlatePrinter.print(
            slate, heading: list.name, user: list.query.user, options: daemon, explains: explain,
            client: client)
        case .fault(let error):
          Terminal.say(Terminal.bold(DisplayText.plain(list.name)))
          Terminal.say("Refused: \(DisplayText.plain(error.message))")
        }
        Terminal.say("")
      }
    }
  }
}

/// Several lists as `--json` prints them: a slate as `magpie recommend` has it, or an error.
struct PageReport: Encodable {
  struct Problem: Encodable {
    var message: String
    var reason: String
  }
  struct Entry: Encodable {
    var name: String
    @OrNull var slate: SlateReport?
    @OrNull var error: Problem?
  }

  var lists: [Entry]

  init(_ page: [PageList], _ asked: [PageFile.List], client: MagpieClient) async {
    lists = []
    for (answer, list) in zip(page, asked) {
      switch answer {
      case .slate(let slate):
        let words = await ReasonWords(for: [slate], user: list.query.user, client: client)
        lists.append(Entry(name: list.name, slate: SlateReport(slate, words: words), error: nil))
      case .fault(let error):
        lists.append(
          Entry(
            name: list.name, slate: nil,
            error: Problem(message: error.message, reason: error.reason)))
      }
    }
  }
}
