import Testing
import Transport
import Vocabulary
import Wire

/// A real server on loopback: what happens at its limits, to peers that break the rules, and at its end.
@Suite struct ServerLimitsTests {
  static let millisecond: UInt64 = 1_000_000

  /// Sends bytes on a new connection and expects a GOAWAY with this reason, then the end of the stream.
  func expectGoAway(
    _ running: RunningServer, _ reason: FaultReason, _ bytes: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let peer = try await running.connect()
    try await peer.send(bytes)
    let frame = try await peer.receive()
    #expect(frame?.header.type == .goAway, sourceLocation: sourceLocation)
    #expect(frame?.header.stream == 0, sourceLocation: sourceLocation)
    #expect(frame?.fault?.reason == reason, sourceLocation: sourceLocation)
    #expect(frame?.header.code == reason.code.rawValue, sourceLocation: sourceLocation)
    #expect(try await peer.receive() == nil, sourceLocation: sourceLocation)
  }

  @Test func peersThatBreakTheRulesAreToldAndOthersNoticeNothing() async throws {
    try await RunningServer.run { running in
      let bystander = try await running.connect()
      let honest = try bystander.hello("now x", stream: 1)
      func damaged(_ at: Int) -> [UInt8] {
        var bytes = honest
        bytes[at] ^= 1
        return bytes
      }
      try await expectGoAway(running, .notOurProtocol, Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      try await expectGoAway(running, .notOurProtocol, Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
      try await expectGoAway(running, .notOurProtocol, [0x16, 3, 1, 0, 0xA5, 1, 0, 0, 0xA1])
      try await expectGoAway(running, .frameTooLarge, [0xFF, 0xFF, 0xFF, 0xFF, 0xAB, 0xEC, 1])
      try await expectGoAway(running, .badLength, [0, 0, 0, 1, 0xAB, 0xEC, 1])
      try await expectGoAway(running, .versionUnsupported, damaged(6))
      try await expectGoAway(running, .headerChecksum, damaged(13))
      try await expectGoAway(running, .payloadChecksum, damaged(honest.count - 1))
      try await expectGoAway(
        running, .badStreamId, RawFrame.request(method: 1, stream: 2, meta: [], body: []))
      try await expectGoAway(running, .frameTypeUnknown, RawFrame.frame(FrameHeader(type: .reply, stream: 1)))
      try await expectGoAway(running, .badStreamId, bystander.cancel(1))
      var pings: [UInt8] = []
      for _ in 0...Limits.pingsPerWindowMax { pings += bystander.ping([]) }
      let flooder = try await running.connect()
      try await flooder.send(pings)
      for _ in 0..<Limits.pingsPerWindowMax { #expect(try await flooder.receive()?.header.type == .pong) }
      #expect(try await flooder.receive()?.fault?.reason == .tooManyPings)
      try await bystander.send(honest)
      #expect(try await bystander.receive()?.text == "x")
      #expect(running.handler.handledCount == 1)
    }
  }

  @Test func whatCameBeforeTheFaultIsStillAnswered() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(peer.hello("now a", stream: 1) + Array("garbage garbage garbage".utf8))
      #expect(try await peer.receive()?.text == "a")
      #expect(try await peer.receive()?.fault?.reason == .notOurProtocol)
      #expect(try await peer.receive() == nil)
    }
  }

  @Test func moreRequestsInFlightThanAllowedAreRefused() async throws {
    try await RunningServer.run(loops: 1, { $0.streamsMax = 3 }) { running in
      let peer = try await running.connect()
      var bytes: [UInt8] = []
      for number in 0..<4 { bytes += try peer.hello("later \(number)", stream: UInt32(2 * number + 1)) }
      try await peer.send(bytes)
      let refused = try await peer.receive()
      #expect(refused?.header.stream == 7)
      #expect(refused?.fault?.reason == .tooManyStreams)
      #expect(refused?.fault?.retryAfterMilliseconds != nil)
      for number in 0..<3 { running.handler.complete("\(number)") }
      #expect(try await peer.receive(3).count == 3)
    }
  }

  @Test func moreConnectionsThanAllowedAreToldWhy() async throws {
    try await RunningServer.run(connectionsMax: 2) { running in
      let first = try await running.connect()
      let second = try await running.connect()
      try await running.until("two are open") { running.gauge.count == 2 }
      let third = try await running.connect()
      #expect(try await third.receive()?.fault?.reason == .tooManyConnections)
      #expect(try await third.receive() == nil)
      for peer in [first, second] {
        try await peer.send(peer.hello("now x", stream: 1))
        #expect(try await peer.receive()?.text == "x")
      }
    }
  }

  @Test func anIdleConnectionIsClosed() async throws {
    try await RunningServer.run(
      loops: 1,
      {
        $0.idle = 100 * Self.millisecond
        $0.tick = 20 * Self.millisecond
      }
    ) { running in
      let peer = try await running.connect()
      #expect(try await peer.receive()?.fault?.reason == .idleTimeout)
      #expect(try await peer.receive() == nil)
    }
  }

  @Test func halfAFrameIsNotWaitedForForEver() async throws {
    try await RunningServer.run(
      loops: 1,
      {
        $0.frameArrival = 200 * Self.millisecond
        $0.tick = 20 * Self.millisecond
      }
    ) { running in
      let peer = try await running.connect()
      // A byte now and then does not help.
      for byte in try peer.hello("now x", stream: 1).prefix(6) {
        try await peer.send([byte])
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(try await peer.receive()?.fault?.reason == .frameTimeout)
      #expect(running.handler.handledCount == 0)
    }
  }

  @Test func aPeerThatDoesNotReadStopsBeingReadAndThenLosesTheConnection() async throws {
    try await RunningServer.run(
      loops: 1,
      {
        $0.slowConsumer = 400 * Self.millisecond
        $0.tick = 50 * Self.millisecond
        $0.unreadReplyBytesMax = 256 * 1024
      }
    ) { running in
      let peer = try await running.connect(receiveBuffer: 4096)
      let asked = 3000
      var bytes: [UInt8] = []
      for number in 0..<asked { bytes += try peer.hello("big 100000", stream: UInt32(2 * number + 1)) }
      _ = try await peer.sendWithoutReading(bytes, milliseconds: 300)
      try await running.until("the connection is gone") { running.gauge.count == 0 }
      // 300 MB of replies were asked for; work stopped long before.
      #expect(running.handler.handledCount < asked / 2)
    }
  }

  @Test func repliesInFlightDoNotPileUpWithoutBound() async throws {
    try await RunningServer.run(
      loops: 1,
      {
        $0.unreadReplyBytesMax = 64 * 1024
        $0.unreadReplyBytesHardMax = 1 << 20
      }
    ) { running in
      let peer = try await running.connect(receiveBuffer: 4096)
      var bytes: [UInt8] = []
      for number in 0..<200 { bytes += try peer.hello("later \(number)", stream: UInt32(2 * number + 1)) }
      try await peer.send(bytes)
      try await running.until("all wait") { running.handler.waiting.count == 200 }
      // 200 MB that nobody reads; the peer is given up long before thirty seconds.
      for number in 0..<200 {
        running.handler.complete("\(number)", with: TestHandler.reply("", bytes: 1_000_000))
      }
      try await running.until("the connection is gone") { running.gauge.count == 0 }
    }
  }

  @Test func aPeerThatReadsSlowlyGetsEverything() async throws {
    try await RunningServer.run(loops: 1, { $0.unreadReplyBytesMax = 128 * 1024 }) { running in
      let peer = try await running.connect(receiveBuffer: 4096)
      var bytes: [UInt8] = []
      for number in 0..<400 { bytes += try peer.hello("big 20000", stream: UInt32(2 * number + 1)) }
      try await peer.send(bytes)
      try await Task.sleep(for: .milliseconds(100))
      let stopped = running.handler.handledCount
      #expect(stopped < 400)
      let replies = try await peer.receive(400)
      #expect(replies.count == 400)
      #expect(replies.values.allSatisfy { $0.body.count > 20_000 })
    }
  }

  @Test func theLargestFrameIsServed() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      let text = "now " + String(repeating: "x", count: Limits.frameBytesMax - 100)
      try await peer.send(peer.hello(text, stream: 1))
      #expect(try await peer.receive()?.text?.count == Limits.frameBytesMax - 100)
    }
  }

  @Test func drainingFinishesWhatIsInFlightAndRefusesTheRest() async throws {
    try await RunningServer.run(loops: 2) { running in
      let busy = try await running.connect()
      let idle = try await running.connect()
      try await busy.send(busy.hello("later x", stream: 1))
      try await running.until("it waits") { running.handler.waiting.count == 1 }
      try await running.until("both are open") { running.gauge.count == 2 }
      async let drained: Void = running.server.drain(seconds: 20)
      for peer in [busy, idle] {
        let goAway = try await peer.receive()
        #expect(goAway?.header.type == .goAway)
        #expect(goAway?.fault?.reason == .draining)
      }
      #expect(try await idle.receive() == nil)
      try await busy.send(busy.hello("now y", stream: 3))
      let refused = try await busy.receive()
      #expect(refused?.header.stream == 3)
      #expect(refused?.fault?.reason == .draining)
      await #expect(throws: RawPeer.Failure.self) { _ = try await running.connect() }
      running.handler.complete("x")
      #expect(try await busy.receive()?.text == "x")
      #expect(try await busy.receive() == nil)
      await drained
      #expect(running.gauge.count == 0)
    }
  }

  @Test func drainingIsBounded() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(peer.hello("later for ever", stream: 1))
      try await running.until("it waits") { running.handler.waiting.count == 1 }
      let start = ContinuousNanoseconds.now
      await running.server.drain(seconds: 1)
      let took = ContinuousNanoseconds.now - start
      #expect(took >= 1000 * Self.millisecond && took < 8000 * Self.millisecond)
      #expect(running.gauge.count == 0)
      #expect(running.handler.waiting.first?.call.cancellation.isCancelled == true)
    }
  }
}
