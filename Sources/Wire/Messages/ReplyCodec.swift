import Vocabulary

/// Replies to and from bytes. The fields of each method are in `Services/`.
package enum ReplyCodec {
  /// Reads the body of a reply with status OK.
  ///
  /// Values a newer daemon may have added to a list (a source, a fallback, a step, an explanation) are left out;
  /// everything else that is not understood is an error.
  /// - Throws: `malformed_message`, `message_too_large`.
  package static func decode(
    _ method: Method, _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Reply {
    throw Fault(.methodUnknown, "")
  }

  /// Appends the body of a reply.
  package static func encode(_ reply: Reply, into writer: inout MessageWriter) {
  }

  /// The body of a reply.
  package static func encode(_ reply: Reply) -> [UInt8] {
    var writer = MessageWriter()
    encode(reply, into: &writer)
    return writer.bytes
  }
}
