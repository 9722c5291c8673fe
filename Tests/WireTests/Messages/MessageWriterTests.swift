import Testing
import Vocabulary
import Wire

@Suite struct MessageWriterTests {
  @Test func lengthsOfEveryWidthAreRight() throws {
    // The nested message of an event grows through lengths of one, two, three and four bytes.
    let arena = MessageArena()
    for size in [
      0, 1, 100, 120, 121, 122, 123, 124, 125, 126, 127, 128, 16_370, 16_379, 16_380, 16_384, 2_097_145,
      2_097_152,
    ] {
      var event = EventDraft()
      event.query = [UInt8](repeating: 7, count: size)
      var request = IngestEventsRequest()
      request.events = [event, EventDraft(), event]
      let bytes = RequestCodec.encode(.ingestEvents(request))
      #expect(Repack.request(.ingestEvents, bytes) == bytes, "size \(size)")
      let back = try bytes.withUnsafeBytes { try RequestCodec.decode(.ingestEvents, $0, arena: arena) }
      #expect(back == .ingestEvents(request), "size \(size)")
    }
  }

  @Test func theLimitHoldsAtEveryByte() {
    var random = RandomMessages(seed: 11)
    var slate = random.slate()
    while slate.items.isEmpty { slate = random.slate() }
    let whole = ReplyCodec.encode(.recommend(slate))
    for limit in 0...whole.count + 2 {
      var writer = MessageWriter(limit: limit)
      ReplyCodec.encode(.recommend(slate), into: &writer)
      let (count, isOverflowing, bytes) = (writer.count, writer.isOverflowing, writer.bytes)
      #expect(count <= limit, "limit \(limit)")
      #expect(isOverflowing == (limit < whole.count), "limit \(limit)")
      if !isOverflowing { #expect(bytes == whole) }
      writer.reset()
      let isClean = !writer.isOverflowing && writer.count == 0
      #expect(isClean)
    }
  }
}
