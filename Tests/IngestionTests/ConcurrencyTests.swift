import Ingestion
import LiveState
import Storage
import Testing
import Vocabulary

struct ConcurrencyTests {
  @Test func positionsAreDenseAndNothingIsLost() async throws {
    let rig = try Rig(interval: 10)
    let (writers, rounds, size) = (8, 20, 25)
    let ingestor = rig.ingestor
    let positions = await withTaskGroup(of: [UInt64].self) { group in
      for writer in 0..<writers {
        group.addTask {
          var mine: [UInt64] = []
          for round in 0..<rounds {
            var request = IngestEventsRequest()
            request.events = (0..<size).map {
              event("\(writer)-\(round)-\($0)", user: "u\(writer)", item: "i\($0)")
            }
            let outcome = await withCheckedContinuation { continuation in
              ingestor.ingest(request, tenant: .default) { continuation.resume(returning: $0) }
            }
            for case .accepted(let position) in outcome.batch?.verdicts ?? [] { mine.append(position.value) }
          }
          return mine
        }
      }
      var all: [UInt64] = []
      for await part in group {
        #expect(part == part.sorted(), "one caller's events keep their order")
        all += part
      }
      return all
    }
    let count = writers * rounds * size
    #expect(positions.sorted() == Array(1...UInt64(count)))
    for writer in 0..<writers {
      let user = try #require(try rig.tenant().user(try UserIdentifier("u\(writer)")))
      #expect(user.eventCount == UInt64(rounds * size))
      #expect(user.items.count == size)
    }
    try rig.restart(.stop)
    #expect(rig.ingestor.stored == Position(UInt64(count)))
    #expect(try rig.tenant().counts == (writers, size, UInt64(count)))
  }

  @Test func oneEventSentByManyIsAcceptedOnce() async throws {
    let rig = try Rig(interval: 10)
    let ingestor = rig.ingestor
    for round in 0..<20 {
      let shown = await withTaskGroup(of: [String].self) { group in
        for _ in 0..<8 {
          group.addTask {
            var request = IngestEventsRequest()
            request.events = [event("e\(round)", time: 0)]
            return await withCheckedContinuation { continuation in
              ingestor.ingest(request, tenant: .default) { continuation.resume(returning: $0.shown) }
            }
          }
        }
        var all: [String] = []
        for await one in group { all += one }
        return all.sorted()
      }
      let position = round + 1
      #expect(shown == ["+\(position)"] + [String](repeating: "=\(position)", count: 7))
    }
  }
}
