import Checksums
import Vocabulary

/// A place in a kept ranking, as clients carry it: `Limits.cursorBytes` hexadecimal digits of the bytes in the table of
/// docs/read-path.md. Whoever alters a digit, or brings one of another tenant, is refused.
package struct PageCursor: Hashable {
  static let version: UInt8 = 1
  private static let plainBytes = 24
  private static let codeBytes = 16

  /// Which list it pages through.
  package var method: Method
  /// Entries of the ranking that were passed.
  package var place: UInt32
  /// Tells one run of the daemon from the next, with which all rankings are gone.
  package var life: UInt64
  /// The ranking.
  package var number: UInt64

  /// What only this run of the daemon knows.
  package struct Secret: Sendable {
    package let life: UInt64
    fileprivate let key: [UInt8]

    /// From the system's source of randomness.
    init() {
      var random = SystemRandomNumberGenerator()
      life = random.next()
      key = (0..<64).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// A known one, for tests and fuzzing: what it seals is the same in every run.
    package init(life: UInt64, key: [UInt8]) {
      self.life = life
      self.key = Array((key + [UInt8](repeating: 0, count: 64)).prefix(64))
    }
  }

  /// The text for a reply.
  package func text(_ tenant: TenantName, _ secret: Secret) -> [UInt8] {
    var plain: [UInt8] = [Self.version, UInt8(truncatingIfNeeded: method.rawValue), 0, 0]
    for shift in stride(from: 24, through: 0, by: -8) {
      plain.append(UInt8(truncatingIfNeeded: place >> UInt32(shift)))
    }
    for word in [life, number] {
      for shift in stride(from: 56, through: 0, by: -8) {
        plain.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return Self.text(sealing: plain, tenant, secret)
  }

  /// Any bytes as the text of a cursor, with the code that belongs to them; of those before the code there are 24 in a cursor.
  package static func text(sealing plain: [UInt8], _ tenant: TenantName, _ secret: Secret) -> [UInt8] {
    Array(SHA256.hex(digest: plain + code(plain, tenant, secret)).utf8)
  }

  /// - Throws: `cursor_invalid` for what this daemon never gave this tenant; `cursor_expired` for what an earlier run gave.
  package init(_ text: [UInt8], _ tenant: TenantName, _ secret: Secret) throws(Fault) {
    guard let bytes = Self.bytes(text), bytes[0] == Self.version, bytes[2] == 0, bytes[3] == 0,
      let method = Method(rawValue: UInt16(bytes[1]))
    else { throw Self.invalid }
    self.method = method
    place = bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    life = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    number = bytes[16..<24].reduce(0) { $0 << 8 | UInt64($1) }
    guard life == secret.life else { throw Self.expired }
    let code = Self.code(Array(bytes[..<Self.plainBytes]), tenant, secret)
    // Every byte is looked at, so that the time says nothing of the right one.
    let difference = zip(code, bytes[Self.plainBytes...]).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
    guard difference == 0 else { throw Self.invalid }
  }

  package init(method: Method, place: UInt32, life: UInt64, number: UInt64) {
    self.method = method
    self.place = place
    self.life = life
    self.number = number
  }

  static let invalid = Fault(
    .cursorInvalid,
    "The cursor is none of this daemon's for this tenant; send what a reply held, unaltered, or begin with an empty one.",
    field: "cursor")
  static let expired = Fault(
    .cursorExpired, "The list is not kept any more; begin it again with an empty cursor.", field: "cursor")
  static let mismatch = Fault(
    .cursorMismatch,
    "The cursor belongs to another request; send the one that began the list, changed only in k and in what the reply shows.",
    field: "cursor")

  /// The first half of HMAC-SHA-256 (RFC 2104) over the bytes before it and the tenant's name.
  private static func code(_ plain: [UInt8], _ tenant: TenantName, _ secret: Secret) -> ArraySlice<UInt8> {
    func hash(_ pad: UInt8, _ parts: [UInt8]...) -> [UInt8] {
      let hash = SHA256()
      secret.key.map { $0 ^ pad }.withUnsafeBytes { hash.update($0) }
      for part in parts { part.withUnsafeBytes { hash.update($0) } }
      return hash.finish()
    }
    return hash(0x5c, hash(0x36, plain, Array(tenant.text.utf8)))[..<codeBytes]
  }

  private static func bytes(_ text: [UInt8]) -> [UInt8]? {
    guard text.count == Limits.cursorBytes else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: text.count, by: 2) {
      guard let high = digit(text[place]), let low = digit(text[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes.count == plainBytes + codeBytes ? bytes : nil
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
