import Checksums
import Engine
import Foundation
import Storage
import Testing
import Vocabulary

/// The counts of feedback over restarts, and what becomes of a damaged journal.
struct FeedbackRestartTests {
  private func rig(_ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig {
    let rig = try EngineRig { settings in
      settings.reading.exploration.slots = [2]
      var experiment = ExperimentSettings(name: "x")
      experiment.arms = [.init(name: "one"), .init(name: "two")]
      settings.experiments = [experiment]
      change(&settings)
    }
    await rig.put((0..<8).map { ("i\($0)", "") })
    return rig
  }

  private func send(_ rig: EngineRig, _ type: EventType, _ item: String, _ list: Slate, id: String) async {
    var request = IngestEventsRequest()
    var draft = EventDraft()
    draft.id = Array(id.utf8)
    draft.type = Int32(type.rawValue)
    draft.user = Array("w".utf8)
    draft.item = Array(item.utf8)
    draft.recommendation = list.recommendation
    request.events = [draft]
    _ = await rig.call(.ingestEvents(request))
  }

  /// Some lists, and what they lead to.
  private func use(_ rig: EngineRig, _ round: Int) async throws -> [Slate] {
    var slates: [Slate] = []
    for number in 0..<30 {
      let slate = try #require(await rig.recommend("user-\(round)-\(number)") { $0.k = 4 }.slate)
      slates.append(slate)
      if number % 3 == 0 { await send(rig, .click, slate.ids[1], slate, id: "c\(round)-\(number)") }
      if number % 5 == 0 { await send(rig, .purchase, slate.ids[0], slate, id: "b\(round)-\(number)") }
    }
    return slates
  }

  private func experiments(_ rig: EngineRig) async throws -> ExperimentsReply {
    guard case .success(.experiments(let reply)) = await rig.call(.experiments(ExperimentsRequest())) else {
      throw EngineRig.Unexpected()
    }
    return reply
  }

  @Test func countsAndListsAreThereAgain() async throws {
    let rig = try await rig()
    var slates = try await use(rig, 0)
    for round in 1...3 {
      let (before, arms) = (try await rig.status().feedback, try await experiments(rig))
      #expect(before.reduce(0) { $0 + $1.total.lists } == UInt64(30 * round))
      #expect(before.reduce(0) { $0 + $1.total.clicks } >= UInt64(10 * round))
      try rig.restart()
      let after = try await rig.status()
      #expect(after.feedback.map(\.key) == before.map(\.key))
      for (one, other) in zip(after.feedback, before) {
        #expect(one.total == other.total)
        #expect(one.hour == other.hour, "unless five minutes ended in between an hour ago")
      }
      #expect(after.feedbackDesk.remembered == UInt64(30 * round))
      #expect(try await experiments(rig) == arms)
      // A list of before the restart may be clicked, and a click that was counted is not counted again.
      await send(rig, .click, slates[0].ids[1], slates[0], id: "again-\(round)")
      await send(rig, .click, slates[1].ids[round], slates[1], id: "late-\(round)")
      let late = try await rig.status().feedback
      #expect(
        late.reduce(0) { $0 + $1.total.clicks } == before.reduce(0) { $0 + $1.total.clicks } + 1)
      slates += try await use(rig, round)
    }
  }

  /// A journal that ends anywhere, or has any byte changed, gives counts that were true at some moment, and the log what
  /// events say beyond it; nothing stops the start.
  @Test func damagedJournalsNeverStopAStart() async throws {
    let rig = try await rig()
    _ = try await use(rig, 0)
    try rig.restart()
    _ = try await use(rig, 1)
    let whole = try await rig.status().feedback.reduce(0) { $0 + $1.total.lists }
    #expect(whole == 60)
    let directory = rig.root + "/data/feedback/"
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    for attempt in 0..<24 as Range<UInt64> {
      try rig.whileStopped {
        let name = try #require(
          try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("journal-") }
            .max())
        var bytes = Array(try Data(contentsOf: URL(filePath: directory + name)))
        let draw = StableHash.mix(seed &+ attempt)
        let place = Int(draw % UInt64(bytes.count))
        if attempt % 2 == 0 {
          bytes.removeSubrange(place...)
        } else {
          bytes[place] ^= UInt8(1 + (draw >> 40) % 255)
        }
        try Data(bytes).write(to: URL(filePath: directory + name))
      }
      let rows = try await rig.status().feedback
      #expect(rows.reduce(0) { $0 + $1.total.lists } <= whole + attempt, "seed \(seed), attempt \(attempt)")
      #expect(rows.allSatisfy { $0.total.clickedLists <= $0.total.lists }, "seed \(seed), attempt \(attempt)")
      // And it goes on.
      let slate = try #require(await rig.recommend("after-\(attempt)").slate)
      await send(rig, .click, slate.ids[0], slate, id: "after-\(attempt)")
      #expect(try await rig.status().feedback.reduce(0) { $0 + $1.total.lists } >= 1)
    }
  }

  /// Checksums that hold do not make sense of a block: such a file is kept in the quarantine, not replaced.
  @Test func aJournalThatMeansNothingIsSetAside() async throws {
    let rig = try await rig()
    _ = try await use(rig, 0)
    try rig.restart()
    let directory = rig.root + "/data/feedback/"
    var name = ""
    var bytes: [UInt8] = []
    try rig.whileStopped {
      name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("journal-") }
          .max())
      bytes = Array(try Data(contentsOf: URL(filePath: directory + name)))
      // No change begins with 9.
      let block: [UInt8] = [9]
      let sum = CRC32C.of(block)
      bytes += [1, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt32($0))) } + block
      try Data(bytes).write(to: URL(filePath: directory + name))
    }
    #expect(try await rig.status().feedback.isEmpty)
    let quarantine = rig.root + "/data/quarantine/"
    let kept = try FileManager.default.contentsOfDirectory(atPath: quarantine).filter { $0.hasSuffix(name) }
    #expect(kept.count == 1)
    let file = try #require(kept.first)
    #expect(Array(try Data(contentsOf: URL(filePath: quarantine + file))) == bytes)
    #expect(rig.log.lines("feedback_set_aside").last?.fields["file"]?.hasSuffix(file) == true)
    // And counting goes on.
    _ = try await use(rig, 1)
    #expect(try await rig.status().feedback.reduce(0) { $0 + $1.total.lists } == 30)
  }

  @Test func blocksThatAreNoneEndTheJournal() {
    let identity = [UInt8](repeating: 7, count: 16)
    var blocks: [[UInt8]] = []
    #expect(FeedbackJournal.decode([], identity: identity, into: &blocks) == 0)
    let head = Array("MAGPIEFB".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + identity
    #expect(FeedbackJournal.decode(head, identity: identity, into: &blocks) == 32 && blocks.isEmpty)
    #expect(FeedbackJournal.decode(head, identity: identity.map { $0 + 1 }, into: &blocks) == 0)
    // A length beyond the end, and one of nothing.
    #expect(
      FeedbackJournal.decode(head + [255, 255, 255, 255, 0, 0, 0, 0], identity: identity, into: &blocks) == 32
    )
    #expect(
      FeedbackJournal.decode(head + [UInt8](repeating: 0, count: 8), identity: identity, into: &blocks) == 32)
    #expect(blocks.isEmpty)
  }
}
