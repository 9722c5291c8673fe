import Testing
import Vocabulary
import Wire

/// Bytes nobody honest sends: every one of them is answered, none costs more than the arena.
@Suite struct HostileMessageTests {
  func fault(_ method: Method, _ bytes: [UInt8], arena: MessageArena = MessageArena()) -> Fault? {
    do throws(Fault) {
      _ = try bytes.withBytes { body throws(Fault) in
        try RequestCodec.decode(method, body, arena: arena)
      }
      return nil
    } catch {
      return error
    }
  }

  /// Field 1, empty, again and again: two bytes each.
  static func emptyEntries(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * count)
    for _ in 0..<count { bytes += [0x0A, 0x00] }
    return bytes
  }

  @Test func halfAMillionEmptyMessagesAreRefusedWithinTheArena() {
    let arena = MessageArena()
    for method in [Method.ingestEvents, .putItems, .putUsers] {
      let fault = fault(method, Self.emptyEntries(500_000), arena: arena)
      #expect(fault?.reason == .messageTooLarge)
      #expect(arena.usedBytes <= Limits.arenaBytesMax)
    }
    // A thousandth of them is within all limits, and the arena serves on.
    #expect(self.fault(.ingestEvents, Self.emptyEntries(500), arena: arena) == nil)
  }

  @Test(arguments: [
    (Method.ingestEvents, UInt8(0x0A), Limits.batchItemsMax, "events"),
    (.putItems, 0x0A, Limits.batchItemsMax, "items"), (.putUsers, 0x0A, Limits.batchItemsMax, "users"),
    (.deleteItems, 0x0A, Limits.batchItemsMax, "items"), (.getItems, 0x0A, Limits.batchItemsMax, "items"),
    (.recommend, 0x12, Limits.contextItemsMax, "session_items"),
    (.recommend, 0x2A, Limits.excludedItemsMax, "exclude"),
    (.similar, 0x1A, Limits.excludedItemsMax, "exclude"),
    (.complete, 0x0A, Limits.contextItemsMax, "basket"),
    (.complete, 0x22, Limits.excludedItemsMax, "exclude"),
    (.rank, 0x12, Limits.slateItemsMax, "items"),
    (.rank, 0x1A, Limits.contextItemsMax, "session_items"),
  ])
  func longListsAreRefusedByName(_ method: Method, _ tag: UInt8, _ max: Int, _ field: String) {
    func list(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in [tag, 0] } }
    #expect(fault(method, list(max)) == nil)
    let refused = fault(method, list(max + 1))
    #expect(refused?.reason == .tooMany)
    #expect(refused?.field == field)
  }

  @Test(arguments: [
    (Method.ingestEvents, [UInt8(0x10), 3], "durability"), (.ingestEvents, [0x10, 0x80, 0x02], "durability"),
    (.recommend, [0x30, 3], "seen"), (.recommend, [0x40, 3], "explain"), (.similar, [0x20, 9], "explain"),
    (.complete, [0x28, 9], "explain"), (.rank, [0x28, 9], "explain"), (.generations, [0x08, 3], "action"),
    (.generations, [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "action"),
  ])
  func unknownChoicesAreRefusedByName(_ method: Method, _ bytes: [UInt8], _ field: String) {
    let refused = fault(method, bytes)
    #expect(refused?.reason == .outOfRange)
    #expect(refused?.field == field)
  }

  @Test func anUnknownEventTypeIsLeftToTheVerdict() throws {
    let bytes: [UInt8] = [0x0A, 2, 0x10, 99]
    let request = try bytes.withUnsafeBytes {
      try RequestCodec.decode(.ingestEvents, $0, arena: MessageArena())
    }
    guard case .ingestEvents(let ingest) = request else {
      Issue.record("not an ingest request")
      return
    }
    #expect(ingest.events.map(\.type) == [99])
  }

  @Test func messagesThatAreNoneAreRefused() {
    for bytes in [[0x0A], [0x0A, 5], [0x0B], [0x0C], [0x07], [0x80, 0x80]] as [[UInt8]] {
      #expect(fault(.ingestEvents, bytes)?.reason == .malformedMessage, "\(bytes)")
      #expect(fault(.check, bytes)?.reason == .malformedMessage, "\(bytes)")
    }
  }

  @Test(arguments: Method.allCases)
  func truncationAtEveryLengthIsAnswered(_ method: Method) {
    let arena = MessageArena()
    var random = RandomMessages(seed: 5)
    for _ in 0..<4 {
      let request = RequestCodec.encode(random.request(method))
      for length in 0...request.count { _ = fault(method, Array(request[..<length]), arena: arena) }
      let reply = ReplyCodec.encode(random.reply(method))
      for length in 0...reply.count {
        _ = try? reply[..<length].withUnsafeBytes { try ReplyCodec.decode(method, $0, arena: arena) }
      }
    }
    #expect(fault(method, RequestCodec.encode(random.request(method)), arena: arena) == nil)
  }

  @Test(arguments: Method.allCases)
  func randomMutationsAreAnswered(_ method: Method) {
    let seed: UInt64 = 0xC0FFEE
    let arena = MessageArena()
    var random = SeededGenerator(seed: seed)
    var messages = RandomMessages(seed: seed)
    let known: Set<FaultReason> = [
      .malformedMessage, .messageTooLarge, .tooMany, .outOfRange, .tokenInvalid,
    ]
    for round in 0..<150 {
      let original = RequestCodec.encode(messages.request(method))
      let answer = ReplyCodec.encode(messages.reply(method))
      for _ in 0..<8 {
        if let fault = fault(method, Self.mutate(original, &random), arena: arena) {
          #expect(known.contains(fault.reason), "seed \(seed), round \(round)")
        }
        let damaged = Self.mutate(answer, &random)
        _ = try? damaged.withUnsafeBytes { try ReplyCodec.decode(method, $0, arena: arena) }
      }
    }
  }

  private static func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
      case 1: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
      case 2: bytes.insert(contentsOf: random.bytes(1...6), at: at)
      default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...6, using: &random)))
      }
    }
    return bytes
  }
}
