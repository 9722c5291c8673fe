import Testing
import Vocabulary
import Wire

@Suite struct MessageArenaTests {
  @Test func everyLimitFailsCleanlyOrSucceeds() throws {
    var random = RandomMessages(seed: 21)
    var request = random.request(.putItems)
    while RequestCodec.encode(request).count < 500 { request = random.request(.putItems) }
    let bytes = RequestCodec.encode(request)
    var (refused, succeeded) = (0, 0)
    for limit in stride(from: 0, to: 64 * 1024, by: 48) {
      let arena = MessageArena(limit: limit)
      do throws(Fault) {
        let back = try bytes.withBytes { body throws(Fault) in
          try RequestCodec.decode(.putItems, body, arena: arena)
        }
        #expect(back == request)
        succeeded += 1
      } catch {
        #expect(error.reason == .messageTooLarge, "limit \(limit)")
        refused += 1
      }
      #expect(arena.usedBytes <= limit)
    }
    #expect(refused > 0 && succeeded > 0)
  }

  @Test func memoryIsReusedFromMessageToMessage() throws {
    let arena = MessageArena()
    var random = RandomMessages(seed: 22)
    let bytes = RequestCodec.encode(random.request(.ingestEvents))
    var used: Set<Int> = []
    for _ in 0..<1000 {
      _ = try bytes.withUnsafeBytes { try RequestCodec.decode(.ingestEvents, $0, arena: arena) }
      used.insert(arena.usedBytes)
    }
    #expect(used.count == 1)
  }
}
