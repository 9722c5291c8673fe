import CMessages
import Vocabulary

/// Faults to and from bytes: the body of a REPLY whose status is not OK, and of a GOAWAY.
package enum FaultCodec {
  /// Reads a fault. A reason this version does not know becomes `internal_error` with the reason in its message.
  /// - Throws: `malformed_message`, `message_too_large`.
  package static func decode(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Fault {
    try arena.unpack(body, as: "Fault", magpie__v1__fault__unpack) { decode($0) }
  }

  /// Appends a fault.
  package static func encode(_ fault: Fault, into writer: inout MessageWriter) {
    writer.number(1, UInt64(fault.code.rawValue))
    writer.text(2, fault.reason.rawValue)
    writer.text(3, fault.message)
    writer.text(4, fault.field)
    writer.number(5, UInt64(fault.retryAfterMilliseconds ?? 0))
  }

  /// The bytes of a fault.
  package static func encode(_ fault: Fault) -> [UInt8] {
    var writer = MessageWriter()
    encode(fault, into: &writer)
    return writer.bytes
  }

  static func decode(_ message: borrowing Magpie__V1__Fault) -> Fault {
    let reason = text(message.reason)
    let explanation = text(message.message)
    let known = FaultReason(rawValue: reason)
    return Fault(
      known ?? .internalError,
      known == nil ? "Reason \(reason), status \(message.code): \(explanation)" : explanation,
      field: text(message.field),
      retryAfterMilliseconds: message.retry_after_ms == 0 ? nil : message.retry_after_ms)
  }
}
