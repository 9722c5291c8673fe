import Ingestion
import Testing
import Vocabulary

struct EventValidationTests {
  private let now = Timestamp(microseconds: 1_790_000_000_000_000)

  private var draft: EventDraft {
    var draft = EventDraft()
    draft.id = Array("e1".utf8)
    draft.type = Int32(EventType.purchase.rawValue)
    draft.user = Array("u".utf8)
    draft.item = Array("i".utf8)
    draft.timeMicroseconds = now.microseconds - 5
    return draft
  }

  /// Expects exactly this refusal; nil for none.
  private func check(
    _ reason: FaultReason?, field: String = "", says words: String = "", now: Timestamp? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout EventDraft) -> Void
  ) {
    var changed = draft
    change(&changed)
    do {
      _ = try Event(checking: changed, now: now ?? self.now)
      #expect(reason == nil, sourceLocation: sourceLocation)
    } catch {
      #expect(error.reason == reason, "\(error)", sourceLocation: sourceLocation)
      #expect(error.field == field, sourceLocation: sourceLocation)
      #expect(
        words.isEmpty || error.message.contains(words), "\(error.message)", sourceLocation: sourceLocation)
    }
  }

  @Test func aGoodDraftKeepsEverything() throws {
    var full = draft
    full.value = 2.5
    full.session = Array("s".utf8)
    full.recommendation = [0xff, 0x01]
    full.query = Array("rote Tasse ☕".utf8)
    let event = try Event(checking: full, now: now)
    #expect(event.id.text == "e1")
    #expect(event.type == .purchase)
    #expect(event.user.text == "u")
    #expect(event.item?.text == "i")
    #expect(event.time.microseconds == now.microseconds - 5)
    #expect(event.value == 2.5)
    #expect(event.session?.text == "s")
    #expect(event.recommendation?.bytes == [0xff, 0x01])
    #expect(event.query == "rote Tasse ☕")
    #expect(try Event(checking: draft, now: now).value == 1, "no value means 1")
  }

  @Test func identifiers() {
    check(.idEmpty, field: "id") { $0.id = [] }
    check(.idTooLong, field: "id") { $0.id = [UInt8](repeating: 65, count: 65) }
    check(nil) { $0.id = [UInt8](repeating: 65, count: 64) }
    check(.idContainsNul, field: "id") { $0.id = [65, 0, 65] }
    check(nil) { $0.id = [0xff, 0xfe] }
    check(.idEmpty, field: "user") { $0.user = [] }
    check(.idTooLong, field: "user") { $0.user = [UInt8](repeating: 65, count: 257) }
    check(nil) { $0.user = [UInt8](repeating: 65, count: 256) }
    check(.idContainsNul, field: "user") { $0.user = [0] }
    check(.idTooLong, field: "item") { $0.item = [UInt8](repeating: 65, count: 257) }
    check(.idContainsNul, field: "item") { $0.item = [1, 0] }
    check(.idTooLong, field: "session") { $0.session = [UInt8](repeating: 65, count: 65) }
    check(.idContainsNul, field: "recommendation") { $0.recommendation = [0] }
  }

  @Test func types() {
    check(.eventTypeUnknown, field: "type", says: "missing") { $0.type = 0 }
    for raw: Int32 in [-1, 14, 255, 256, 257, .max, .min] {
      check(.eventTypeUnknown, field: "type", says: "\(raw)") { $0.type = raw }
    }
    for type in EventType.allCases { check(nil) { $0.type = Int32(type.rawValue) } }
  }

  @Test func onlyASearchNeedsNoItem() {
    for type in EventType.allCases {
      check(type == .search ? nil : .missingField, field: "item", says: type.name) {
        $0.type = Int32(type.rawValue)
        $0.item = []
      }
    }
  }

  @Test func times() throws {
    check(nil) { $0.timeMicroseconds = 946_684_800_000_000 }
    check(.eventTimeTooOld, field: "time") { $0.timeMicroseconds = 946_684_799_999_999 }
    check(.eventTimeTooOld, field: "time") { $0.timeMicroseconds = 1 }
    check(.eventTimeTooOld, field: "time") { $0.timeMicroseconds = .min }
    check(.eventTimeTooOld, field: "time", says: "looks like seconds") { $0.timeMicroseconds = 1_790_000_000 }
    check(.eventTimeTooOld, field: "time", says: "looks like milliseconds") {
      $0.timeMicroseconds = 1_790_000_000_000
    }
    check(.eventTimeFuture, field: "time", says: "looks like nanoseconds") {
      $0.timeMicroseconds = 1_790_000_000_000_000_000
    }
    check(nil) { $0.timeMicroseconds = now.microseconds + 300_000_000 }
    check(.eventTimeFuture, field: "time", says: "300 seconds ahead") {
      $0.timeMicroseconds = now.microseconds + 300_000_001
    }
    check(.eventTimeFuture, field: "time") { $0.timeMicroseconds = .max }
    check(nil, now: Timestamp(microseconds: .max)) { $0.timeMicroseconds = .max }
    var unset = draft
    unset.timeMicroseconds = 0
    #expect(try Event(checking: unset, now: now).time == .zero)
  }

  @Test func values() {
    check(.nonFinite, field: "value") { $0.value = .nan }
    check(.nonFinite, field: "value") { $0.value = .infinity }
    check(.nonFinite, field: "value") { $0.value = -.infinity }
    check(.outOfRange, field: "value") { $0.value = 16_777_217 }
    check(.outOfRange, field: "value") { $0.value = -1e300 }
    check(nil) { $0.value = 16_777_216 }
    check(nil) { $0.value = -16_777_216 }
    check(nil) { $0.value = 0 }
  }

  @Test func queries() {
    check(.textInvalid, field: "query") { $0.query = [0xc3, 0x28] }
    check(.textInvalid, field: "query") { $0.query = [65, 0] }
    check(.textTooLong, field: "query") { $0.query = [UInt8](repeating: 65, count: 1025) }
    check(nil) { $0.query = [UInt8](repeating: 65, count: 1024) }
  }
}
