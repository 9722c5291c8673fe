import CMessages
import Vocabulary

/// Memory for unpacking one message at a time, with a limit; reset by every decode.
///
/// Not sendable: one for each event loop or connection, used from one thread at a time.
package final class MessageArena {
  private let arena: OpaquePointer
  private let limit: Int

  /// - Parameter limit: bytes one unpacked message may take.
  package init(limit: Int = Limits.arenaBytesMax) {
    guard let arena = magpie_arena_create(limit) else {
      fatalError("no memory for an arena; the process cannot go on")
    }
    self.arena = arena
    self.limit = limit
  }

  deinit { magpie_arena_destroy(arena) }

  /// Bytes the last message took.
  package var usedBytes: Int { magpie_arena_used(arena) }

  /// protobuf-c's generated unpack function of one message type.
  typealias Unpack<Message> = (
    UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?
  ) -> UnsafeMutablePointer<Message>?

  /// Unpacks a message and hands it to `body`; it is valid until the next unpack.
  /// - Throws: `malformed_message` if the bytes are no such message, `message_too_large` if it does not fit the
  ///   arena, and what `body` throws.
  func unpack<Message, Result>(
    _ bytes: UnsafeRawBufferPointer, as name: StaticString, _ unpack: Unpack<Message>,
    _ body: (borrowing Message) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    magpie_arena_reset(arena)
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let message = unpack(magpie_arena_allocator(arena), bytes.count, start) else {
      if magpie_arena_overflowed(arena) != 0 {
        throw Fault(
          .messageTooLarge,
          "The message takes more than \(limit) bytes once unpacked; send fewer things at once.")
      }
      throw Fault(
        .malformedMessage, "The body is not a valid magpie.v1.\(name); encode it with proto/magpie/v1.")
    }
    return try body(message.pointee)
  }
}
