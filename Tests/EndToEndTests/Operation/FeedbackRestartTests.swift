import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// What lists led to, over the death of a daemon.
  @Suite struct FeedbackRestartTests {
    @Test("Counts of lists, clicks and purchases are there again after kill -9 and after a stop")
    func countsSurvive() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<1, seed: testSeed())
        var lists = 0
        var last: Slate?
        for round in 0..<3 {
          let connection = try daemon.connect()
          var events: [EventDraft] = []
          for number in 0..<20 {
            var request = RecommendRequest()
            request.user = Array("user-\(number)".utf8)
            (request.k, request.seed) = (5, UInt64(round))
            guard case .recommend(let slate) = try connection.call(.recommend(request)) else {
              throw HarnessFailure("the reply to Recommend is another one")
            }
            lists += 1
            // The newest list's events come after the restart.
            if let old = last, number < 10 {
              var event = EventDraft()
              event.id = Array("e-\(round)-\(number)".utf8)
              event.type = Int32((number % 2 == 0 ? EventType.click : .purchase).rawValue)
              event.user = Array("visitor".utf8)
              event.item = old.items[number % 5].item.bytes
              event.recommendation = old.recommendation
              events.append(event)
            }
            last = slate
          }
          if !events.isEmpty { _ = try connection.ingest(events) }
          // Written a few times a second.
          usleep(700_000)
          let before = try daemon.status().feedback
          #expect(before.reduce(0) { $0 + $1.total.lists } == UInt64(lists))
          #expect(round == 0 || before.reduce(0) { $0 + $1.total.clicks + $1.total.conversions } > 0)
          if round == 1 { #expect(try daemon.stop() == .exit(0)) } else { daemon.kill() }
          try daemon.start()
          let after = try daemon.status().feedback
          #expect(after.map(\.key) == before.map(\.key))
          #expect(after.map(\.total) == before.map(\.total), "round \(round)")
          #expect(after.map(\.hour) == before.map(\.hour), "round \(round)")
        }
        #expect(try daemon.stop() == .exit(0))
      }
    }
  }
}
