import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Networks and clients that misbehave, in front of the real daemon.
  @Suite struct NetworkFaultTests {
    @Test(
      "Any bit of a frame that the network flips ends the connection; nothing flipped is ever carried out")
    func flippedBits() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let id = "flip"
        var request = IngestEventsRequest()
        request.events = [Samples.event(id)]
        // Every bit of the header, and some of the body, which ends with a checksum of all of it.
        for bit in Array(0..<256) + Array(stride(from: 256, to: 400, by: 9)) {
          let proxy = try FaultProxy(to: daemon.port, .flip(bit: bit))
          let connection = try Connection(port: proxy.port)
          try connection.send(.ingestEvents(request))
          connection.finishSending()
          let frames = try connection.drainFrames()
          let successes = frames.filter { $0.type == ReceivedFrame.reply && $0.code == 0 }
          #expect(successes.isEmpty, "bit \(bit)")
        }
        #expect(try daemon.status().committed == .zero, "none of them was taken")
        #expect(try Samples.send(id, to: daemon) != nil)
      }
    }

    @Test("A request cut off by the end of the connection is not carried out; one that is whole is answered")
    func halfClosed() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        var request = IngestEventsRequest()
        request.events = [Samples.event("half")]
        for after in [0, 1, 31, 32, 40] {
          let proxy = try FaultProxy(to: daemon.port, .finish(after: after))
          let connection = try Connection(port: proxy.port)
          try connection.send(.ingestEvents(request))
          #expect(
            try connection.drainFrames().allSatisfy { $0.type != ReceivedFrame.reply }, "after \(after)")
        }
        #expect(try daemon.status().committed == .zero)
        let proxy = try FaultProxy(to: daemon.port, .none)
        let connection = try Connection(port: proxy.port)
        try connection.send(.ingestEvents(request))
        connection.finishSending()
        let frames = try connection.drainFrames()
        #expect(frames.map(\.type) == [ReceivedFrame.reply])
        #expect(try daemon.status().committed == Position(1))
      }
    }

    @Test("Two thousand connections that end with a reset leave no descriptor behind")
    func resetStorm() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let pid = try daemon.running().pid
        func descriptors() throws -> Int {
          try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
        }
        _ = try daemon.status()
        let before = try descriptors()
        for number in 0..<2_000 {
          let descriptor = try Visitor.open(port: daemon.port)
          if number % 2 == 0 {
            _ = [UInt8](repeating: 7, count: 20).withUnsafeBytes { send(descriptor, $0.baseAddress, 20, 0) }
          }
          FaultProxy.resetOnClose(descriptor)
          close(descriptor)
        }
        var after = Int.max
        for _ in 0..<4_000 where after > before {
          after = try descriptors()
          usleep(5_000)
        }
        #expect(after <= before, "\(before) before, \(after) after")
        #expect(try Samples.reads(daemon))
      }
    }

    @Test("A client that cancels as fast as it asks is sent away, and others notice nothing")
    func cancelStorm() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        var bytes: [UInt8] = []
        for number in 0..<5_000 {
          let stream = UInt32(2 * number + 1)
          bytes += NativeFrame(code: Vocabulary.Method.recommend.rawValue, stream: stream).bytes
          bytes += NativeFrame(type: 3, stream: stream).bytes
        }
        try? connection.send(bytes)
        let frames = try connection.drainFrames()
        let farewell = try #require(frames.last { $0.type == ReceivedFrame.goAway })
        #expect(try connection.fault(farewell).reason == .tooManyCancels)
        #expect(frames.count < 5_000, "it was ended long before the end")
        #expect(try Samples.reads(daemon))
      }
    }

    @Test("Pings without end are answered for a while, then the connection is ended")
    func pingFlood() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        try? connection.send((0..<20_000).flatMap { _ in NativeFrame(type: 4).bytes })
        let farewell = try #require(try connection.drainFrames().last { $0.type == ReceivedFrame.goAway })
        #expect(try connection.fault(farewell).reason == .tooManyPings)
        #expect(try Samples.reads(daemon))
      }
    }

    @Test("What was captured on the wire and is sent again changes nothing")
    func replay() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let proxy = try FaultProxy(to: daemon.port, .none)
        let connection = try Connection(port: proxy.port)
        for number in 0..<20 { _ = try connection.ingest([Samples.event("captured-\(number)")]) }
        let captured = proxy.sent
        #expect(captured.count > 20 * 32)
        for _ in 0..<3 {
          let thief = try daemon.connect()
          try thief.send(captured)
          thief.finishSending()
          let replies = try thief.drainFrames().filter { $0.type == ReceivedFrame.reply }
          #expect(replies.count == 20)
          for frame in replies {
            guard case .ingestEvents(let reply) = try thief.reply(frame, to: .ingestEvents),
              case .duplicate = reply.verdicts[0]
            else {
              Issue.record("not a duplicate")
              continue
            }
          }
        }
        #expect(try daemon.status().committed == Position(20))
        #expect(try Samples.historyCount(daemon) == 20)
      }
    }

    @Test("Over slow, cut and reset connections every event arrives once, because the client sends it again")
    func badNetwork() async throws {
      let seed = testSeed()
      try await onThread {
        var chance = SeededGenerator(seed: seed)
        let daemon = try Daemon.started(in: Workplace())
        let writer = JournalingWriter(number: 0, seed: seed, eventsMax: 3_000)
        for round in 0..<40 {
          let harm: FaultProxy.Harm =
            switch round % 4 {
            case 0: .cut(after: Int.random(in: 0...20_000, using: &chance))
            case 1: .reset(after: Int.random(in: 0...20_000, using: &chance))
            case 2: .finish(after: Int.random(in: 0...20_000, using: &chance))
            default: .trickle(bytes: Int.random(in: 1...500, using: &chance), pause: 50)
            }
          let proxy = try FaultProxy(to: daemon.port, harm)
          // A trickle would go on to the end; the others break off by themselves.
          if case .trickle = harm, round < 36 { continue }
          writer.run(port: proxy.port)
        }
        let connection = try daemon.connect()
        try writer.finish(on: connection)
        #expect(writer.complaints.isEmpty, "seed \(seed): \(writer.complaints)")
        #expect(!writer.events.isEmpty)
        #expect(try writer.confirm(Array(writer.events.indices), on: connection).isEmpty, "seed \(seed)")
        #expect(try writer.compareHistories(on: connection).isEmpty, "seed \(seed)")
        #expect(try daemon.status().committed.value == UInt64(writer.events.count), "seed \(seed)")
      }
    }
  }
}
