import Fakes
import Vocabulary

/// What the storage core has said, and so must keep: by acknowledging it, or by coming back with it after a crash.
struct Truth {
  struct Fact {
    /// What was sent, in a word that no other change has, deletions excepted.
    var label: String
    /// As the log has it; nil until it was read there.
    var change: LogEntry.Change?
    var ingestTime = Timestamp.zero
  }

  private(set) var facts: [UInt64: Fact] = [:]
  /// The last position of them.
  private(set) var last: UInt64 = 0
  /// The first contradiction.
  private(set) var wrong: String?
  /// Labels of everything ever sent.
  private var known = Set<String>()
  private var drafts: [String: EventDraft] = [:]
  private(set) var positions: [String: UInt64] = [:]

  mutating func sent(_ labels: [String], _ events: [EventDraft] = []) {
    known.formUnion(labels)
    for event in events { drafts["event " + String(decoding: event.id, as: UTF8.self)] = event }
  }

  /// An event that was acknowledged, to be sent again.
  func anyEvent(_ dice: inout Seeded) -> EventDraft? {
    // Sorted, because the order of a dictionary is not that of the seed.
    positions.keys.sorted().randomElement(using: &dice).flatMap { drafts[$0] }
  }

  var events: [(draft: EventDraft, position: UInt64)] {
    positions.keys.sorted().compactMap { label in
      guard let draft = drafts[label], let position = positions[label] else { return nil }
      return (draft, position)
    }
  }

  mutating func answered(_ labels: [String], _ outcome: Outcome) {
    let verdicts: [Verdict]
    switch outcome {
    case .failure: return
    case .success(.ingestEvents(let reply)), .success(.putItems(let reply)), .success(.putUsers(let reply)),
      .success(.deleteItems(let reply)):
      verdicts = reply.verdicts
    case .success: return contradict("a reply of another method")
    }
    guard verdicts.count == labels.count else {
      return contradict("\(labels.count) things, \(verdicts.count) verdicts")
    }
    for (label, verdict) in zip(labels, verdicts) {
      switch verdict {
      case .accepted(let position): take(label, at: position.value)
      case .duplicate(let position):
        if positions[label] != position.value {
          contradict("\(label) is said to be a duplicate of \(position), but is at \(positions[label] ?? 0)")
        }
      case .rejected(let fault): contradict("\(label) was rejected: \(fault.reason.rawValue)")
      }
    }
  }

  private mutating func contradict(_ text: String) { if wrong == nil { wrong = text } }

  /// Positions are dense and in order, and nothing is taken twice.
  private mutating func take(_ label: String, at position: UInt64) {
    if position != last + 1 { contradict("\(label) was accepted at \(position), after \(last)") }
    note(label, at: position)
  }

  private mutating func note(_ label: String, at position: UInt64) {
    if label.hasPrefix("event "), let earlier = positions.updateValue(position, forKey: label),
      earlier != position
    {
      contradict("\(label) is at \(earlier) and at \(position)")
    }
    facts[position] = Fact(label: label)
    last = max(last, position)
  }

  /// What the log holds at a position. What is new there was sent and not answered, and stays from now on.
  mutating func found(_ change: LogEntry.Change, at position: UInt64, _ ingestTime: Timestamp) {
    let label = Self.label(change)
    if let fact = facts[position] {
      if fact.label != label { return contradict("position \(position) was \(fact.label) and is \(label)") }
      if let earlier = fact.change, earlier != change || fact.ingestTime != ingestTime {
        return contradict("position \(position), \(label), has changed")
      }
    } else {
      guard position == last + 1 else {
        return contradict("\(label) appeared at \(position), where \(last) was the last")
      }
      guard known.contains(label) else { return contradict("\(label) at \(position) was never sent") }
      note(label, at: position)
    }
    facts[position]?.change = change
    facts[position]?.ingestTime = ingestTime
  }

  static func label(_ change: LogEntry.Change) -> String {
    switch change {
    case .event(let event): "event \(String(decoding: event.id.bytes, as: UTF8.self))"
    case .putItem(let item): "item \(String(decoding: item.id.bytes, as: UTF8.self)) \(item.title)"
    case .deleteItem(let id): "delete \(String(decoding: id.bytes, as: UTF8.self))"
    case .putUser(let profile):
      "user \(String(decoding: profile.id.bytes, as: UTF8.self)) \(Self.number(profile.attributes["a"]))"
    }
  }

  private static func number(_ value: AttributeValue?) -> Int {
    if case .number(let number) = value { Int(number) } else { -1 }
  }
}
