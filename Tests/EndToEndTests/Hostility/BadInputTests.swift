import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Each thing a caller can get wrong has a reason that programs can match on, and spoils nothing beside it.
  @Suite struct BadInputTests {
    /// A good event; the cases change one thing each.
    static func event(_ id: String) -> EventDraft {
      var event = EventDraft()
      event.id = Array(id.utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("ann".utf8)
      event.item = Array("tea".utf8)
      event.timeMicroseconds = Int64(Date().timeIntervalSince1970 * 1e6)
      return event
    }

    @Test("Each bad event is rejected alone, with its reason and field; its neighbours are accepted")
    func badEvents() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        let cases: [(FaultReason, String, (inout EventDraft) -> Void)] = [
          (.idEmpty, "id", { $0.id = [] }),
          (
            .idTooLong, "id",
            { $0.id = .init(repeating: 65, count: Limits.eventIdentifierBytesMax + 1) }
          ),
          (.idContainsNul, "id", { $0.id = [65, 0, 66] }),
          (.idEmpty, "user", { $0.user = [] }),
          (.idTooLong, "user", { $0.user = .init(repeating: 65, count: Limits.identifierBytesMax + 1) }),
          (.idContainsNul, "item", { $0.item = [0] }),
          (.eventTypeUnknown, "type", { $0.type = 99 }),
          (.eventTypeUnknown, "type", { $0.type = -1 }),
          (.eventTimeTooOld, "time", { $0.timeMicroseconds = 1_000_000 }),
          (.eventTimeTooOld, "time", { $0.timeMicroseconds = .min }),
          (.eventTimeFuture, "time", { $0.timeMicroseconds = now + 86_400_000_000 }),
          (.eventTimeFuture, "time", { $0.timeMicroseconds = .max }),
          (.nonFinite, "value", { $0.value = .nan }),
          (.nonFinite, "value", { $0.value = .infinity }),
          (.outOfRange, "value", { $0.value = 1e30 }),
          (.idTooLong, "session", { $0.session = .init(repeating: 65, count: 65) }),
          (.textTooLong, "query", { $0.query = .init(repeating: 65, count: Limits.queryBytesMax + 1) }),
        ]
        var batch: [EventDraft] = []
        for (index, (_, _, spoil)) in cases.enumerated() {
          batch.append(Self.event("good-\(index)"))
          var bad = Self.event("bad-\(index)")
          spoil(&bad)
          batch.append(bad)
        }
        let verdicts = try connection.ingest(batch).verdicts
        for (index, (reason, field, _)) in cases.enumerated() {
          guard case .accepted = verdicts[2 * index] else {
            Issue.record("the good event before case \(index) was not accepted: \(verdicts[2 * index])")
            continue
          }
          guard case .rejected(let fault) = verdicts[2 * index + 1] else {
            Issue.record("case \(index), \(reason.rawValue), was not rejected: \(verdicts[2 * index + 1])")
            continue
          }
          #expect(fault.reason == reason, "case \(index): \(fault)")
          #expect(fault.field == field, "case \(index): \(fault)")
          #expect(!fault.message.isEmpty)
        }
        #expect(try daemon.status().committed.value == UInt64(cases.count))
      }
    }

    @Test("Who says the first moment of 1970 does not get now, though the wire's zero means that")
    func firstMoment() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        let sent = try daemon.magpie(
          "event", "send", "--user", "u", "--item", "i", "--type", "view", "--time", "1970-01-01T00:00:00Z")
        #expect(sent.ending == .exit(2), "\(sent.errors)")
        let file = try workplace.write("user,item,timestamp\nu,i,0\n", to: "events.csv")
        let imported = try daemon.magpie(
          "import", file, "--kind", "events", "--type", "view", "--time-unit", "s")
        #expect(imported.ending == .exit(65))
        #expect(imported.errors.contains("time_invalid"), "\(imported.errors)")
        #expect(try daemon.status().committed.value == 0)
      }
    }

    @Test("An event id is remembered across restarts: same content is a duplicate, other content is refused")
    func eventIdentifiers() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let original = Self.event("order-1")
        var other = original
        other.item = Array("coffee".utf8)
        var twins = Self.event("twins")
        twins.value = 2

        let first = try daemon.connect().ingest([original, original, twins])
        let position = Position(1)
        #expect(first.verdicts[0] == .accepted(position))
        // Within one batch as well.
        #expect(first.verdicts[1] == .duplicate(position))

        func check() throws {
          let verdicts = try daemon.connect().ingest([original, other, Self.event("order-1")]).verdicts
          #expect(verdicts[0] == .duplicate(position))
          guard case .rejected(let fault) = verdicts[1] else {
            Issue.record("another event under the same id was not refused: \(verdicts[1])")
            return
          }
          #expect(fault.reason == .eventIdReused)
          // A clock that went on is another content.
          guard case .rejected(let late) = verdicts[2] else {
            Issue.record("the same id at another time was not refused: \(verdicts[2])")
            return
          }
          #expect(late.reason == .eventIdReused)
        }
        try check()
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        try check()
        daemon.kill()
        try daemon.start()
        try check()
        #expect(try daemon.status().committed.value == 2)
      }
    }

    @Test("Queries out of range are refused; unknown users and items are answered")
    func badQueries() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        func reason(_ request: Request) throws -> FaultReason? {
          do {
            _ = try connection.call(request)
            return nil
          } catch let fault as Fault {
            return fault.reason
          }
        }
        func recommend(_ change: (inout RecommendRequest) -> Void) throws -> FaultReason? {
          var request = RecommendRequest()
          request.user = Array("nobody".utf8)
          change(&request)
          return try reason(.recommend(request))
        }
        #expect(try recommend { $0.k = 0 } == .kOutOfRange)
        #expect(try recommend { $0.k = 1_000_000 } == .kOutOfRange)
        #expect(try recommend { $0.user = [65, 0] } == .idContainsNul)
        #expect(try recommend { $0.user = .init(repeating: 65, count: 300) } == .idTooLong)
        #expect(try recommend { $0.exclude = .init(repeating: [65], count: 10_001) } == .tooMany)
        #expect(try recommend { $0.sessionItems = .init(repeating: [65], count: 257) } == .tooMany)
        #expect(try recommend { $0.minPosition = 1 } == .positionNotReached)
        #expect(try recommend { _ in } == nil)

        // An empty catalogue answers with nothing and says so.
        guard case .recommend(let slate) = try connection.call(.recommend(RecommendRequest())) else { return }
        #expect(slate.items.isEmpty)
        #expect(slate.fallbacks.contains(.emptyCatalogue))
        #expect(slate.fallbacks.contains(.noGeneration))

        var similar = SimilarRequest()
        similar.item = Array("nothing".utf8)
        let answer = try reason(.similar(similar))
        #expect(answer == nil || answer == .itemUnknown)
      }
    }

    @Test("k above the catalogue answers with what there is")
    func moreThanThereIs() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        var put = PutItemsRequest()
        put.items = (0..<5).map { index in
          var item = ItemDraft()
          item.id = Array("item-\(index)".utf8)
          item.title = Array("Item \(index)".utf8)
          return item
        }
        guard case .putItems(let verdicts) = try connection.call(.putItems(put)) else { return }
        #expect(verdicts.verdicts.count == 5)
        var request = RecommendRequest()
        request.user = Array("nobody".utf8)
        request.k = 100
        request.minPosition = verdicts.position.value
        guard case .recommend(let slate) = try connection.call(.recommend(request)) else { return }
        #expect(Set(slate.items.map(\.item.text)) == Set((0..<5).map { "item-\($0)" }))
        #expect(slate.items.count == 5)
        #expect(slate.fallbacks.contains(.fewerThanK))
      }
    }
  }
}
