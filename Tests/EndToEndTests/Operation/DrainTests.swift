import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// A clean stop keeps every promise made before it.
  @Suite struct DrainTests {
    @Test("SIGTERM under load ends with 0 and loses no acknowledged event")
    func drainUnderLoad() async throws {
      let seed = testSeed()
      let complaints = try await onThread { () throws -> [String] in
        let daemon = try Daemon(in: Workplace())
        var generator = SeededGenerator(seed: seed)
        let writers = (0..<3).map { JournalingWriter(number: $0, seed: seed, eventsMax: 50_000) }
        var complaints: [String] = []
        for _ in 0..<4 {
          try daemon.start()
          let port = daemon.port
          let threads = writers.map { writer in Worker { writer.run(port: port) } }
          usleep(UInt32.random(in: 50_000...300_000, using: &generator))
          let ending = try daemon.stop(seconds: 30)
          if ending != .exit(0) { complaints.append("SIGTERM ended with \(ending): \(daemon.log)") }
          for thread in threads { try thread.join() }
        }
        if !writers.allSatisfy({ !$0.acknowledged.isEmpty }) {
          complaints.append("a writer was never answered")
        }
        try daemon.start()
        let connection = try daemon.connect()
        for writer in writers {
          complaints += writer.complaints
          complaints += try writer.confirm(writer.acknowledged, on: connection)
        }
        return complaints
      }
      #expect(complaints.isEmpty, "seed \(seed)")
    }

    @Test("SIGTERM tells idle connections to go away and closes them")
    func goAway() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        _ = try connection.call(.check)
        try daemon.running().send(SIGTERM)
        let frames = try connection.drainFrames()
        #expect(frames.last?.type == ReceivedFrame.goAway)
        if let last = frames.last { #expect(try connection.fault(last).reason == .draining) }
        #expect(try daemon.running().wait(seconds: 30) == .exit(0))
        #expect(throws: ConnectionClosed.self) { try daemon.connect() }
      }
    }
  }
}
