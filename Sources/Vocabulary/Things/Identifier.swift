/// An opaque identifier chosen by the caller: bytes, compared byte for byte.
///
/// Bytes and not `String`, because two spellings that Unicode calls equal are two users to the service that
/// sent them. Different kinds do not mix: `Identifier<UserKind>` is not `Identifier<ItemKind>`.
package struct Identifier<Kind: IdentifierKind>: Hashable, Sendable {
  /// 1 to `Kind.bytesMax` bytes, none of them zero.
  package let bytes: [UInt8]

  /// Checks and wraps bytes.
  /// - Throws: `Fault` with reason `id_empty`, `id_too_long` or `id_contains_nul`, naming `field`.
  package init(_ bytes: [UInt8], field: String = Kind.field) throws(Fault) {
    if bytes.isEmpty {
      throw Fault(.idEmpty, "\(field) is empty; send 1 to \(Kind.bytesMax) bytes.", field: field)
    }
    if bytes.count > Kind.bytesMax {
      throw Fault(
        .idTooLong, "\(field) has \(bytes.count) bytes; at most \(Kind.bytesMax) are allowed.", field: field)
    }
    if bytes.contains(0) {
      throw Fault(
        .idContainsNul, "\(field) contains a zero byte, which no identifier may hold.", field: field)
    }
    self.bytes = bytes
  }

  /// Checks and wraps the UTF-8 bytes of a text.
  package init(_ text: String, field: String = Kind.field) throws(Fault) {
    try self.init(Array(text.utf8), field: field)
  }

  /// Wraps bytes that were checked before, for instance by the process that wrote them. Returns nil if they
  /// could not have been.
  package init?(checked bytes: [UInt8]) {
    guard !bytes.isEmpty, bytes.count <= Kind.bytesMax, !bytes.contains(0) else { return nil }
    self.bytes = bytes
  }

  /// The identifier for people: UTF-8 where it is valid, replacement characters where it is not.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package static func < (left: Self, right: Self) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension Identifier: Comparable {}

/// What an identifier names.
package protocol IdentifierKind: Sendable {
  /// The field's usual name in messages.
  static var field: String { get }
  /// Longest identifier of this kind.
  static var bytesMax: Int { get }
}

package enum UserKind: IdentifierKind {
  package static let field = "user"
  package static let bytesMax = Limits.identifierBytesMax
}
package enum ItemKind: IdentifierKind {
  package static let field = "item"
  package static let bytesMax = Limits.identifierBytesMax
}
package enum EventKind: IdentifierKind {
  package static let field = "event_id"
  package static let bytesMax = Limits.eventIdentifierBytesMax
}
package enum SessionKind: IdentifierKind {
  package static let field = "session"
  package static let bytesMax = Limits.eventIdentifierBytesMax
}
package enum RecommendationKind: IdentifierKind {
  package static let field = "recommendation"
  package static let bytesMax = Limits.eventIdentifierBytesMax
}

package typealias UserIdentifier = Identifier<UserKind>
package typealias ItemIdentifier = Identifier<ItemKind>
package typealias EventIdentifier = Identifier<EventKind>
package typealias SessionIdentifier = Identifier<SessionKind>
package typealias RecommendationIdentifier = Identifier<RecommendationKind>
