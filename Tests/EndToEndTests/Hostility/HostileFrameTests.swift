import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// Promise 7: hostile input costs the daemon no crash and bounded memory, and others notice nothing.
  @Suite struct HostileFrameTests {
    /// Something a correct client never sends, and the reason the daemon closes the connection with.
    struct Attack: Sendable, CustomTestStringConvertible {
      var name: String
      var bytes: [UInt8]
      var reason: FaultReason
      var testDescription: String { name }
    }

    private static let check = Vocabulary.Method.check.rawValue

    static let attacks: [Attack] = [
      Attack(
        name: "HTTP request", bytes: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
        reason: .notOurProtocol),
      Attack(
        name: "TLS greeting",
        bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
          + [UInt8](repeating: 7, count: 64), reason: .notOurProtocol),
      Attack(
        name: "HTTP/2 preface", bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), reason: .notOurProtocol
      ),
      Attack(
        name: "length of four gigabytes",
        bytes: NativeFrame(length: 0xffff_ffff, code: check, stream: 1).bytes, reason: .frameTooLarge),
      Attack(
        name: "length one above the limit",
        bytes: NativeFrame(length: UInt32(Limits.frameBytesMax + 1), code: check, stream: 1).bytes,
        reason: .frameTooLarge),
      Attack(
        name: "length 0", bytes: NativeFrame(length: 0, code: check, stream: 1).bytes, reason: .badLength),
      Attack(
        name: "length 27", bytes: NativeFrame(length: 27, code: check, stream: 1).bytes, reason: .badLength),
      Attack(
        name: "another version", bytes: NativeFrame(version: 9, code: check, stream: 1).bytes,
        reason: .versionUnsupported),
      Attack(
        name: "unknown frame type", bytes: NativeFrame(type: 77, code: check, stream: 1).bytes,
        reason: .frameTypeUnknown),
      Attack(
        name: "flag that must be understood", bytes: NativeFrame(flags: 0x0100, code: check, stream: 1).bytes,
        reason: .flagUnknown),
      Attack(
        name: "reserved field in use", bytes: NativeFrame(code: check, stream: 1, reserved: 1).bytes,
        reason: .reservedNotZero),
      Attack(
        name: "header checksum off by a bit",
        bytes: NativeFrame(code: check, stream: 1, headerDamage: 1).bytes, reason: .headerChecksum),
      Attack(
        name: "payload checksum off by a bit",
        bytes: NativeFrame(code: check, stream: 1, body: [1, 2, 3], payloadDamage: 1).bytes,
        reason: .payloadChecksum),
      Attack(
        name: "stream 0", bytes: NativeFrame(code: check, stream: 0).bytes, reason: .badStreamId),
      Attack(
        name: "even stream", bytes: NativeFrame(code: check, stream: 2).bytes, reason: .badStreamId),
      Attack(
        name: "stream used twice",
        bytes: NativeFrame(code: check, stream: 5).bytes + NativeFrame(code: check, stream: 5).bytes,
        reason: .badStreamId),
      Attack(
        name: "meta above its limit",
        bytes: NativeFrame(code: check, stream: 1, meta: [UInt8](repeating: 0, count: 8_193)).bytes,
        reason: .metaTooLarge),
    ]

    @Test("Each broken frame closes its own connection with a reason; others notice nothing")
    func brokenFrames() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let bystander = try Bystander(daemon)
        for attack in Self.attacks {
          let connection = try daemon.connect()
          try? connection.send(attack.bytes)
          let frames = try connection.drainFrames()
          let last = try require(frames.last, "\(attack.name): closed without a word")
          #expect(last.type == ReceivedFrame.goAway, "\(attack.name)")
          #expect(try connection.fault(last).reason == attack.reason, "\(attack.name)")
        }
        try bystander.expectUndisturbed()
      }
    }

    @Test("A request the daemon cannot read is refused alone; the connection goes on")
    func unreadableRequests() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        func refusal(_ frame: NativeFrame) throws -> FaultReason {
          try connection.send(frame.bytes)
          let reply = try connection.receiveFrame()
          #expect(reply.type == ReceivedFrame.reply)
          #expect(reply.stream == frame.stream)
          return try connection.fault(reply).reason
        }
        let ingest = Vocabulary.Method.ingestEvents.rawValue
        #expect(try refusal(NativeFrame(code: 999, stream: 1)) == .methodUnknown)
        // A varint that never ends, a group, a length that points far outside.
        #expect(
          try refusal(NativeFrame(code: ingest, stream: 3, body: [0x08] + .init(repeating: 0xff, count: 20)))
            == .malformedMessage)
        #expect(try refusal(NativeFrame(code: ingest, stream: 5, body: [0x0b, 0x0c])) == .malformedMessage)
        #expect(
          try refusal(NativeFrame(code: ingest, stream: 7, body: [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]))
            == .malformedMessage)
        // Two million empty events in four megabytes: unpacked without a cap they would take a gigabyte.
        let flood = [UInt8](repeating: 0, count: 2_000_000).flatMap { _ in [0x0a, 0x00] as [UInt8] }
        let reason = try refusal(NativeFrame(code: ingest, stream: 9, body: flood))
        #expect(reason == .messageTooLarge || reason == .tooMany, "\(reason)")
        // Still there.
        try connection.send(NativeFrame(code: Self.check, stream: 11).bytes)
        #expect(try connection.receiveFrame().code == 0)
      }
    }

    @Test("Random and mutated bytes, cut off anywhere: no crash, bounded memory, no disturbance")
    func randomBytes() async throws {
      let seed = testSeed()
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let bystander = try Bystander(daemon)
        let residentBefore = try require(daemon.running().residentBytes, "the daemon is gone")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
          let connection = try daemon.connect()
          var bytes = NativeFrame(
            code: Vocabulary.Method.allCases.randomElement(using: &generator)?.rawValue ?? 1, stream: 1,
            body: (0..<Int.random(in: 0...300, using: &generator)).map { _ in
              UInt8.random(in: 0...255, using: &generator)
            }
          ).bytes
          for _ in 0..<Int.random(in: 0...3, using: &generator) {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
              1 << UInt8.random(in: 0...7, using: &generator)
          }
          try? connection.send(Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &generator))))
          connection.finishSending()
          // Whatever the answer is, it comes, and the connection is then closed.
          _ = try connection.drainFrames()
        }
        try bystander.expectUndisturbed()
        let grown =
          try require(daemon.running().residentBytes, "the daemon is gone, seed \(seed)") - residentBefore
        #expect(grown < 200 << 20, "grew by \(grown) bytes, seed \(seed)")
      }
    }

    @Test("Connections that send a little and then nothing do not keep others out")
    func silentConnections() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let bystander = try Bystander(daemon)
        let partial = NativeFrame(code: Self.check, stream: 1).bytes
        let silent = try (0..<200).map { index in
          let connection = try daemon.connect()
          try connection.send(Array(partial.prefix(index % partial.count)))
          return connection
        }
        try bystander.expectUndisturbed()
        #expect(silent.count == 200)
      }
    }
  }
}

/// A well-behaved client that goes on working while others misbehave.
private final class Bystander {
  private let worker: Worker<(answers: Int, slowest: Double)>
  private let stop = StopSign()
  private let daemon: Daemon

  init(_ daemon: Daemon) throws {
    self.daemon = daemon
    let port = daemon.port
    let stop = stop
    worker = Worker {
      let connection = try Connection(port: port)
      var answers = 0
      var slowest = 0.0
      while !stop.isUp {
        var event = EventDraft()
        event.id = Array("bystander-\(answers)".utf8)
        event.type = Int32(EventType.view.rawValue)
        event.user = Array("bystander".utf8)
        event.item = Array("item-\(answers % 10)".utf8)
        let started = Date()
        guard case .accepted = try connection.ingest([event]).verdicts[0] else {
          throw HarnessFailure("an event of the bystander was not accepted")
        }
        var request = RecommendRequest()
        request.user = event.user
        guard case .recommend = try connection.call(.recommend(request)) else {
          throw HarnessFailure("the reply to Recommend is another one")
        }
        slowest = max(slowest, Date().timeIntervalSince(started))
        answers += 1
      }
      return (answers, slowest)
    }
  }

  /// It was answered all the time, quickly, and the daemon is the one it was.
  func expectUndisturbed() throws {
    usleep(50_000)
    stop.raise()
    let (answers, slowest) = try worker.join()
    #expect(answers > 0)
    #expect(slowest < 5, "an answer took \(slowest) s")
    #expect(try daemon.running().isRunning)
    #expect(try daemon.status().state == .ready)
  }
}
