/// One thing a user did.
public struct Event: Sendable, Hashable {
  /// 1 to 64 bytes of UTF-8 without a zero byte. Sending the same event again under the same identifier is
  /// harmless, which is what makes retries safe; sending another event under it is refused with
  /// `event_id_reused`.
  public var id: String
  /// What was done.
  public var type: EventType
  /// Who did it, 1 to 256 bytes.
  public var user: String
  /// To what, 1 to 256 bytes; needed unless the type is `search`.
  public var item: String?
  /// When, in microseconds since 1970-01-01 UTC; nil means "now", by the daemon's clock.
  public var timeMicroseconds: Int64?
  /// A rating, a quantity, a share played; nil means 1.
  public var value: Double?
  /// The session it belongs to, at most 64 bytes.
  public var session: String?
  /// The `recommendation` of the slate that led here, for attribution.
  public var recommendation: String?
  /// What was searched for.
  public var query: String?

  /// Makes an event. Without an `id` it gets a fresh random one, so that a retry of the same value is
  /// recognised as the same event.
  public init(
    _ type: EventType, user: String, item: String? = nil, timeMicroseconds: Int64? = nil,
    value: Double? = nil, session: String? = nil, recommendation: String? = nil, query: String? = nil,
    id: String = Event.freshIdentifier()
  ) {
    self.id = id
    self.type = type
    self.user = user
    self.item = item
    self.timeMicroseconds = timeMicroseconds
    self.value = value
    self.session = session
    self.recommendation = recommendation
    self.query = query
  }

  /// 128 random bits in 32 hexadecimal digits.
  public static func freshIdentifier() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ -> String in
      let text = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits.joined()
  }
}
