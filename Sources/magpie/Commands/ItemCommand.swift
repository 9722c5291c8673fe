import ArgumentParser
import MagpieClient

/// `magpie item`: single entries of the catalogue.
struct ItemCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "Show, put and delete single items.",
    discussion: """
      Example:
        magpie item show 21088
      """,
    subcommands: [Show.self, Put.self, Delete.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what is known of items.",
      discussion: """
        Example:
          magpie item show 21088 21096
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The items.")
    var items: [String]

    private struct List: Encodable {
      var items: [ItemJSON]
    }

    func run() async throws {
      try await daemon.withClient { client in
        let reports = try await client.items(items)
        if daemon.json {
          Terminal.say(JSONText.of(List(items: reports.map { ItemJSON($0) })))
        } else {
          for (index, report) in reports.enumerated() {
            if index > 0 { Terminal.say("") }
            ItemPrinter.print(report)
          }
        }
        let unknown = reports.filter { $0.item == nil && $0.events == 0 && !$0.isDeleted }.map(\.id)
        if !unknown.isEmpty {
          throw CommandFailure(
            .failed, reason: "item_unknown",
            "Not known: \(unknown.joined(separator: ", ")). Put one: magpie item put \(unknown[0]) --title TITLE",
            isJSON: daemon.json)
        }
      }
    }
  }

  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put one item into the catalogue; it replaces the whole entry.",
      discussion: """
        Example:
          magpie item put 21088 --title "SET/6 FRUIT SALAD PAPER CUPS" --price 0.65 --attribute colour=red
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The item.")
    var id: String
    @Option(help: "What people see.")
    var title: String = ""
    @Option(help: "Descriptive text.")
    var text: String = ""
    @Option(help: ArgumentHelp("A category; repeat for more.", valueName: "name"))
    var category: [String] = []
    @Option(help: "Its price.")
    var price: Double?
    @Option(help: "ISO 4217 code of the price.")
    var currency: String = ""
    @Option(help: "Units at hand; 0 hides it.")
    var stock: Double?
    @Flag(help: "Never recommend it.")
    var hidden = false
    @Option(
      help: ArgumentHelp(
        "An attribute as name=value, or name:number=value; repeat for more.", valueName: "name=value"))
    var attribute: [String] = []

    func run() async throws {
      var item = Item(id: id, title: title, price: price)
      item.text = text
      item.categories = category
      item.currency = currency
      item.stock = stock
      item.isHidden = hidden
      for text in attribute {
        let (name, value) = try AttributeArgument.parse(text)
        item.attributes[name] = value
      }
      let put = item
      try await daemon.withClient { client in
        try ReceiptPrinter.print(try await client.putItems([put]), ids: [id], deed: "put", options: daemon)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take items out of the catalogue; they are never shown again.",
      discussion: """
        Example:
          magpie item delete 21088
        """)
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "The items.")
    var items: [String]

    func run() async throws {
      try await daemon.withClient { client in
        try ReceiptPrinter.print(
          try await client.deleteItems(items), ids: items, deed: "deleted", options: daemon)
      }
    }
  }
}

/// `name=value` or `name:type=value`.
enum AttributeArgument {
  static func parse(_ text: String) throws -> (String, AttributeValue) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw ValidationError("--attribute \(text): write it as name=value.")
    }
    let left = text[..<equals]
    let value = String(text[text.index(after: equals)...])
    guard let colon = left.lastIndex(of: ":") else { return (String(left), .text(value)) }
    let name = String(left[..<colon])
    switch left[left.index(after: colon)...] {
    case "text": return (name, .text(value))
    case "number":
      guard let number = Double(value), number.isFinite else {
        throw ValidationError("--attribute \(text): \"\(value)\" is not a finite number.")
      }
      return (name, .number(number))
    case "flag":
      guard let flag = Bool(value) else {
        throw ValidationError("--attribute \(text): write true or false.")
      }
      return (name, .flag(flag))
    case "texts": return (name, .texts(value.split(separator: "|").map(String.init)))
    default: return (String(left), .text(value))
    }
  }
}
