import MagpieClient
import Reading

/// Prints refused events.
enum DeadLettersPrinter {
  private struct LetterJSON: Encodable {
    var number: UInt64
    var refused: String
    var reason: String
    var message: String
    var field: String
    var id: String
    var type: String
    var user: String
    var item: String
    @OrNull var time: String? = nil

    init(_ letter: DeadLetter) {
      number = letter.number
      refused = ISO8601.text(microseconds: letter.timeMicroseconds)
      reason = letter.reason
      message = letter.message
      field = letter.field
      id = letter.event
      type = letter.type
      user = letter.user
      item = letter.item
      time =
        letter.eventTimeMicroseconds == 0 ? nil : ISO8601.text(microseconds: letter.eventTimeMicroseconds)
    }
  }

  private struct PageJSON: Encodable {
    var letters: [LetterJSON]
    var total: Int
  }

  private struct OutcomeJSON: Encodable {
    var requeued: Int
    var refused: Int
    var dropped: Int
    var total: Int
  }

  static func print(_ page: DeadLetterPage, _ options: DaemonOptions) {
    if options.json {
      return Terminal.say(
        JSONText.of(PageJSON(letters: page.letters.map { LetterJSON($0) }, total: page.total)))
    }
    if page.letters.isEmpty { return Terminal.say("No refused events are kept.") }
    var table = Table([
      ("number", .right), ("refused", .left), ("reason", .left), ("event", .left), ("type", .left),
      ("user", .left), ("item", .left),
    ])
    for letter in page.letters {
      table.add([
        "\(letter.number)", Figures.time(microseconds: letter.timeMicroseconds), letter.reason, letter.event,
        letter.type, letter.user, letter.item,
      ])
    }
    table.print()
    if page.total > page.letters.count {
      Terminal.complain(
        "\(page.letters.count) of \(page.total); for more: --after \(page.letters.last?.number ?? 0)")
    }
  }

  static func print(details letter: DeadLetter, _ options: DaemonOptions) {
    if options.json { return Terminal.say(JSONText.of(LetterJSON(letter))) }
    Terminal.say(
      Terminal.bold("Dead letter \(letter.number)")
        + ", refused \(Figures.time(microseconds: letter.timeMicroseconds))")
    Terminal.say("\(letter.reason): \(DisplayText.plain(letter.message))")
    for (name, value) in [
      ("id", letter.event), ("type", letter.type), ("user", letter.user), ("item", letter.item),
      (
        "time",
        letter.eventTimeMicroseconds == 0 ? "" : Figures.time(microseconds: letter.eventTimeMicroseconds)
      ),
    ] where !value.isEmpty {
      Terminal.say("\(name): \(DisplayText.plain(value))")
    }
  }

  static func print(_ outcome: DeadLetterOutcome, _ options: DaemonOptions) {
    if options.json {
      return Terminal.say(
        JSONText.of(
          OutcomeJSON(
            requeued: outcome.requeued, refused: outcome.refused, dropped: outcome.dropped,
            total: outcome.total)))
    }
    if outcome.dropped > 0 || outcome.requeued + outcome.refused == 0 {
      Terminal.say("\(outcome.dropped) forgotten, \(outcome.total) left")
    } else {
      Terminal.say("\(outcome.requeued) accepted, \(outcome.refused) refused again, \(outcome.total) left")
    }
  }
}
