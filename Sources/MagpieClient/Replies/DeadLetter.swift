import Vocabulary

/// An event that the daemon refused and keeps for a look and a second try. Texts that were not UTF-8 are repaired, so
/// they may differ from what is kept; trying again sends what is kept.
public struct DeadLetter: Sendable, Hashable {
  /// Names it within its data directory.
  public var number: UInt64
  /// When it was refused, microseconds since 1970.
  public var timeMicroseconds: Int64
  /// Stable, such as `event_time_future`.
  public var reason: String
  /// For people.
  public var message: String
  /// The field at fault, or empty.
  public var field: String
  /// The event's identifier.
  public var event: String
  /// Who did it.
  public var user: String
  /// To what.
  public var item: String
  /// The event's type as a number of the schema; a name if there is one.
  public var type: String
  /// The event's own time, microseconds since 1970; 0 if it had none.
  public var eventTimeMicroseconds: Int64

  init(_ letter: Vocabulary.DeadLetter) {
    number = letter.number
    timeMicroseconds = letter.time.microseconds
    reason = letter.reason
    message = letter.message
    field = letter.field
    event = String(decoding: letter.event.id, as: UTF8.self)
    user = String(decoding: letter.event.user, as: UTF8.self)
    item = String(decoding: letter.event.item, as: UTF8.self)
    type =
      UInt8(exactly: letter.event.type).flatMap { Vocabulary.EventType(rawValue: $0)?.name }
      ?? "\(letter.event.type)"
    eventTimeMicroseconds = letter.event.timeMicroseconds
  }
}

/// Some dead letters, and how many there are.
public struct DeadLetterPage: Sendable, Hashable {
  /// By rising number.
  public var letters: [DeadLetter]
  /// Kept for the tenant now.
  public var total: Int
}

/// What became of dead letters.
public struct DeadLetterOutcome: Sendable, Hashable {
  /// Accepted now, or found to have been accepted before.
  public var requeued: Int
  /// Refused once more; they stay.
  public var refused: Int
  /// Forgotten.
  public var dropped: Int
  /// Kept for the tenant now.
  public var total: Int

  init(_ reply: DeadLettersReply) {
    requeued = Int(clamping: reply.requeued)
    refused = Int(clamping: reply.refused)
    dropped = Int(clamping: reply.dropped)
    total = Int(clamping: reply.total)
  }
}
