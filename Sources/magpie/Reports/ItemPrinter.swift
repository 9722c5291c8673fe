import MagpieClient

/// Prints what is known of one item or one user, a line for each fact.
enum ItemPrinter {
  static func print(_ report: ItemReport) {
    let title = report.item?.title ?? ""
    Terminal.say(
      Terminal.bold(DisplayText.plain(report.id)) + (title.isEmpty ? "" : "  \(DisplayText.plain(title))"))
    var facts: [(String, String)] = []
    if let item = report.item {
      if let price = item.price { facts.append(("price", "\(price) \(item.currency)")) }
      if !item.categories.isEmpty { facts.append(("categories", item.categories.joined(separator: ", "))) }
      if !item.text.isEmpty { facts.append(("text", item.text)) }
      if item.isHidden { facts.append(("hidden", "yes, never shown")) }
      if let stock = item.stock { facts.append(("stock", stock == 0 ? "none, not shown" : "\(stock)")) }
      for (name, time) in [
        ("created", item.createdMicroseconds), ("available from", item.availableFromMicroseconds),
        ("available until", item.availableUntilMicroseconds),
      ] {
        if let time { facts.append((name, Figures.time(microseconds: time))) }
      }
      if let place = item.location { facts.append(("location", "\(place.latitude), \(place.longitude)")) }
      if let owner = item.owner { facts.append(("owner", owner)) }
      if !item.members.isEmpty { facts.append(("made of", item.members.joined(separator: ", "))) }
      facts += attributes(item.attributes)
      for vector in item.vectors {
        facts.append(("vector \(vector.name)", "\(vector.values.count) dimensions"))
      }
    } else if report.isDeleted || report.events > 0 {
      facts.append(
        (
          "catalogue",
          report.isDeleted ? "no entry: deleted, or never put" : "no entry: known from events only"
        ))
    } else {
      facts.append(("catalogue", "not known"))
    }
    facts.append(("events", Figures.count(report.events)))
    print(facts)
  }

  static func print(_ report: UserReport, limit: Int) {
    Terminal.say(Terminal.bold(DisplayText.plain(report.profile.id)))
    print(attributes(report.profile.attributes) + [("distinct items", Figures.count(report.items))])
    if report.history.isEmpty { return Terminal.say("No history.") }
    Terminal.say("")
    var table = Table([
      ("time", .left), ("type", .left), ("item", .left), ("value", .right), ("title", .left),
    ])
    for row in report.history.prefix(limit) {
      table.add([
        Figures.time(microseconds: row.timeMicroseconds), row.type.rawValue, row.item, "\(row.value)",
        row.title,
      ])
    }
    table.print()
    if report.history.count > limit {
      Terminal.say("… and \(report.history.count - limit) more; show them with --limit")
    }
  }

  private static func attributes(_ attributes: [String: AttributeValue]) -> [(String, String)] {
    attributes.sorted { $0.key < $1.key }.map { ($0.key, AttributeJSON.words($0.value)) }
  }

  private static func print(_ facts: [(String, String)]) {
    let width = facts.map { DisplayText.width($0.0) }.max() ?? 0
    for (name, value) in facts {
      let padding = String(repeating: " ", count: width - DisplayText.width(name))
      Terminal.say("  \(DisplayText.plain(name))\(padding)  \(DisplayText.plain(value))")
    }
  }
}

/// Prints what became of a few things.
enum ReceiptPrinter {
  /// - Throws: `CommandFailure` if one was refused, after everything is printed.
  static func print(_ receipt: Receipt, ids: [String], deed: String, options: DaemonOptions) throws {
    if options.json { Terminal.say(JSONText.of(ReceiptJSON(receipt, ids: ids))) }
    var refusals: [String] = []
    var reason = ""
    for (id, verdict) in zip(ids, receipt.verdicts) {
      let id = DisplayText.plain(id)
      switch verdict {
      case .accepted(let position):
        if !options.json {
          Terminal.say("\(id): \(deed), \(receipt.durability.rawValue) at position \(position)")
        }
      case .duplicate(let position):
        if !options.json { Terminal.say("\(id): known since position \(position); nothing changed") }
      case .rejected(let error):
        refusals.append("\(id): \(error.message)")
        reason = error.reason
      }
    }
    if !refusals.isEmpty {
      throw CommandFailure(.failed, reason: reason, refusals.joined(separator: "\n"), isJSON: options.json)
    }
  }
}
