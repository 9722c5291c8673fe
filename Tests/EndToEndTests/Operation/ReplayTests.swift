import Foundation
import Testing
import Vocabulary
import Wire

extension EndToEnd {
  /// A token replayed by the daemon that made it, after it moved on, and by another on the restored state.
  @Suite struct ReplayTests {
    @Test("The same bytes from the same state, and a reason once it has moved")
    func tokensOfATrainedDaemon() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<3, seed: testSeed())
        #expect(try GroupedShop.train(daemon).state == .succeeded)
        // What trends is refreshed within a second.
        usleep(1_500_000)
        let users = (0..<40).map { "user-\($0)" }
        var slates: [Slate] = []
        let connection = try daemon.connect()
        for (number, user) in users.enumerated() {
          var request = RecommendRequest()
          request.user = Array(user.utf8)
          request.k = 10
          request.seed = UInt64(number)
          request.explain = number % 2 == 0 ? .full : .none
          guard case .recommend(let slate) = try connection.call(.recommend(request)) else {
            throw HarnessFailure("the reply to Recommend is another one")
          }
          slates.append(slate)
        }
        // Every number of a trained generation's lists is the sum of its parts.
        var kinds: Set<ContributionKind> = []
        for contribution in slates.flatMap(\.items).flatMap(\.contributions) {
          kinds.insert(contribution.kind)
          let sum = contribution.parts.reduce(0.0) { $0 + $1.value }
          let size = contribution.parts.reduce(1.0) { $0 + $1.value.magnitude }
          #expect((sum - contribution.total).magnitude <= 1e-4 * size, "\(contribution)")
        }
        #expect(kinds.isSuperset(of: [.fusion, .source]))

        func replay(_ slate: Slate, on daemon: Daemon) throws -> ReplayReply {
          var request = ReplayRequest()
          request.token = slate.token
          guard case .replay(let reply) = try daemon.connect().call(.replay(request)) else {
            throw HarnessFailure("the reply to Replay is another one")
          }
          return reply
        }
        func expectSame(_ slate: Slate, on daemon: Daemon) throws {
          let reply = try replay(slate, on: daemon)
          #expect(reply.isSame)
          var (one, other) = (slate, reply.slate)
          (one.times, one.token, other.times, other.token) = ([], [], [], [])
          #expect(ReplyCodec.encode(.recommend(one)) == ReplyCodec.encode(.recommend(other)))
        }
        #expect(slates.allSatisfy { !$0.token.isEmpty })
        for slate in slates { try expectSame(slate, on: daemon) }

        // The users move on.
        let position = slates[0].position.value
        var events: [EventDraft] = []
        for (number, user) in users.enumerated() {
          var event = EventDraft()
          event.id = Array("later-\(number)".utf8)
          event.type = Int32(EventType.purchase.rawValue)
          event.user = Array(user.utf8)
          event.item = slates[number].items[0].item.bytes
          events.append(event)
        }
        _ = try connection.ingest(events)
        for slate in slates {
          let fault = #expect(throws: Fault.self) { try replay(slate, on: daemon) }
          #expect(fault?.reason == .replayStateMoved)
          #expect(fault?.message.contains("--at \(position)") == true)
        }
        #expect(try daemon.stop() == .exit(0))
      }
    }

    @Test("A snapshot before and the log up to the list's position give the list again")
    func restoredState() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let seed = testSeed()
        try GroupedShop.fill(daemon, batches: 0..<2, seed: seed)
        #expect(try GroupedShop.train(daemon).state == .succeeded)
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        try GroupedShop.fill(daemon, batches: 2..<3, seed: seed)
        usleep(1_500_000)
        let listed = try daemon.magpie("recommend", "user-7", "-k", "10", "--json")
        let slate = try require(listed.json as? [String: Any], "no list: \(listed.errors)")
        let token = try require(slate["token"] as? String, "no token")
        let position = try require(slate["position"] as? Int, "no position")
        try GroupedShop.fill(daemon, batches: 3..<4, seed: seed)
        // Whether the batch touched this user is for the seed to say; this does.
        let sent = try daemon.magpie(
          "event", "send", "--user", "user-7", "--item", "after-the-list", "--type", "purchase")
        #expect(sent.ending == .exit(0), "\(sent.errors)")
        #expect(try daemon.magpie("replay", token).ending != .exit(0))
        let target = daemon.workplace.file("then")
        let restored = try Programs.run(
          "magpie",
          [
            "snapshot", "restore", "--directory", daemon.data + "/snapshots", "--to", target, "--log",
            daemon.data + "/log", "--at", "\(position)",
          ], in: daemon.workplace)
        #expect(restored.ending == .exit(0), "\(restored.errors)")
        let then = Daemon(in: daemon.workplace, on: target)
        try then.start()
        let replayed = try then.magpie("replay", token, "--json")
        #expect(replayed.ending == .exit(0), "\(replayed.errors)")
        let object = try require(replayed.json as? [String: Any], "no JSON")
        #expect(object["same"] as? Bool == true)
        let again = try require(object["slate"] as? [String: Any], "no slate")
        let items = { (slate: [String: Any]) in
          (slate["items"] as? [[String: Any]])?.compactMap { $0["item"] as? String }
        }
        #expect(items(again) == items(slate))
        #expect(again["recommendation"] as? String == slate["recommendation"] as? String)
        #expect(try then.stop() == .exit(0))
      }
    }

    @Test("A token that was changed is refused, and says what it is")
    func changedToken() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let finished = try daemon.magpie("replay", "AQAB", "--json")
        #expect(finished.ending == .exit(1))
        #expect(finished.errors.contains("token_invalid"), "\(finished.errors)")
        #expect(try daemon.magpie("replay", "no token!").ending == .exit(1))
      }
    }
  }
}
