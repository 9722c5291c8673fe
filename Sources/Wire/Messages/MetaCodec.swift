import Vocabulary

/// The meta message to and from bytes.
///
/// Read by hand and not by protobuf-c: every request has one, and the tenant must be taken byte for byte, while
/// protobuf-c would end it at a zero byte.
package enum MetaCodec {
  /// Reads a meta message; fields it does not know are skipped.
  /// - Throws: `malformed_message` naming the field `meta`.
  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> Meta {
    var meta = Meta()
    var reader = FieldReader(bytes)
    while let field = try reader.next() {
      switch (field.number, field.content) {
      case (1, .bytes(let tenant)): meta.tenant = Array(tenant)
      case (2, .bytes(let traceParent)): meta.traceParent = Array(traceParent)
      case (1, _), (2, _): throw FieldReader.malformed
      default: break
      }
    }
    return meta
  }

  /// Appends a meta message.
  package static func encode(_ meta: Meta, into writer: inout MessageWriter) {
    writer.bytes(1, meta.tenant)
    writer.bytes(2, meta.traceParent)
  }

  /// The bytes of a meta message.
  package static func encode(_ meta: Meta) -> [UInt8] {
    var writer = MessageWriter()
    encode(meta, into: &writer)
    return writer.bytes
  }
}
