import Vocabulary

/// Requests to and from bytes. The fields of each method are in `Services/`.
package enum RequestCodec {
  /// Reads the body of a request.
  /// - Throws: `malformed_message`, `message_too_large`, `too_many` naming the field, `out_of_range` for an
  ///   enumeration value that is not known. Identifiers and numbers are not judged here.
  package static func decode(
    _ method: Method, _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Request {
    throw Fault(.methodUnknown, "")
  }

  /// Appends the body of a request.
  package static func encode(_ request: Request, into writer: inout MessageWriter) {
  }

  /// The body of a request.
  package static func encode(_ request: Request) -> [UInt8] {
    var writer = MessageWriter()
    encode(request, into: &writer)
    return writer.bytes
  }
}
