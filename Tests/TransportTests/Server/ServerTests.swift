import Foundation
import Logging
import Testing
import Transport
import Vocabulary
import Wire

/// A real server on loopback: what requests get for an answer, and when.
@Suite struct ServerTests {
  @Test func pipelinedRequestsAreAllAnswered() async throws {
    try await RunningServer.run(loops: 2) { running in
      let peer = try await running.connect()
      var bytes: [UInt8] = []
      for number in 0..<500 {
        bytes += try peer.hello(
          "now \(number)", stream: UInt32(2 * number + 1), tenant: number < 250 ? "" : "shop")
      }
      try await peer.send(bytes)
      let replies = try await peer.receive(500)
      for number in 0..<500 { #expect(replies[UInt32(2 * number + 1)]?.text == "\(number)") }
      #expect(running.handler.tenants == ["default", "shop"])
      #expect(running.handler.scratchCount == 2)
    }
  }

  @Test func requestsMayComeByteByByte() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      let bytes = try peer.hello("now a", stream: 1) + peer.hello("now b", stream: 3)
      for byte in bytes { try await peer.send([byte]) }
      let replies = try await peer.receive(2)
      #expect(replies[1]?.text == "a")
      #expect(replies[3]?.text == "b")
    }
  }

  @Test func repliesMayComeOutOfOrder() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(
        peer.hello("later slow", stream: 1) + peer.hello("later slower", stream: 3)
          + peer.hello("now quick", stream: 5))
      #expect(try await peer.receive()?.text == "quick")
      try await running.until("both wait") { running.handler.waiting.count == 2 }
      running.handler.complete("slower")
      #expect(try await peer.receive()?.text == "slower")
      running.handler.complete("slow")
      let last = try await peer.receive()
      #expect(last?.text == "slow")
      #expect(last?.header.stream == 1)
    }
  }

  @Test func completionsFromManyThreadsAllArrive() async throws {
    try await RunningServer.run(loops: 2) { running in
      let peers = [try await running.connect(), try await running.connect(), try await running.connect()]
      for (index, peer) in peers.enumerated() {
        var bytes: [UInt8] = []
        for number in 0..<300 {
          bytes += try peer.hello("later \(index)-\(number)", stream: UInt32(2 * number + 1))
        }
        try await peer.send(bytes)
      }
      try await running.until("all wait") { running.handler.waiting.count == 900 }
      await withTaskGroup(of: Void.self) { group in
        for waiting in running.handler.waiting {
          group.addTask { waiting.complete(TestHandler.reply(waiting.text)) }
        }
      }
      for (index, peer) in peers.enumerated() {
        let replies = try await peer.receive(300)
        for number in 0..<300 { #expect(replies[UInt32(2 * number + 1)]?.text == "\(index)-\(number)") }
      }
    }
  }

  @Test func faultsCarryReasonFieldAndStatus() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(peer.hello("fail no such item", stream: 1))
      let reply = try await peer.receive()
      #expect(reply?.header.code == StatusCode.notFound.rawValue)
      #expect(reply?.fault == Fault(.itemUnknown, "no such item", field: "item"))
    }
  }

  @Test func aBadMessageIsAnsweredAndTheConnectionLives() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(RawFrame.request(method: 2, stream: 1, meta: [], body: [0x0A, 0x7F]))
      #expect(try await peer.receive()?.fault?.reason == .malformedMessage)
      try await peer.send(RawFrame.request(method: 2, stream: 3, meta: [0x0A], body: []))
      #expect(try await peer.receive()?.fault?.reason == .malformedMessage)
      try await peer.send(RawFrame.request(method: 2, stream: 5, meta: [0x0A, 3, 0x61, 0, 0x62], body: []))
      #expect(try await peer.receive()?.fault?.reason == .nameInvalid)
      try await peer.send(RawFrame.request(method: 4711, stream: 7, meta: [], body: []))
      let unknown = try await peer.receive()
      #expect(unknown?.fault?.reason == .methodUnknown)
      #expect(unknown?.header.code == StatusCode.unimplemented.rawValue)
      try await peer.send(peer.hello("now well", stream: 9))
      #expect(try await peer.receive()?.text == "well")
      #expect(running.handler.handledCount == 1)
    }
  }

  @Test func aCancelledRequestIsAnsweredAtOnceAndItsWorkIsTold() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(peer.hello("later x", stream: 1))
      try await running.until("it waits") { running.handler.waiting.count == 1 }
      #expect(running.handler.waiting.first?.call.cancellation.isCancelled == false)
      let cancellation = try #require(running.handler.waiting.first?.call.cancellation)
      try await peer.send(peer.cancel(1))
      let reply = try await peer.receive()
      #expect(reply?.fault?.reason == .cancelled)
      #expect(reply?.header.stream == 1)
      #expect(cancellation.isCancelled)
      // The late completion is dropped: the next thing that comes answers the next request.
      running.handler.complete("x")
      try await peer.send(peer.hello("now next", stream: 3))
      #expect(try await peer.receive()?.text == "next")
    }
  }

  @Test func aDeadlineAnswersForAHandlerThatDoesNot() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      let start = ContinuousNanoseconds.now
      try await peer.send(
        peer.hello("later long", stream: 1, timeout: 9000)
          + peer.hello("later short", stream: 3, timeout: 100))
      let reply = try await peer.receive()
      #expect(reply?.header.stream == 3)
      #expect(reply?.fault?.reason == .deadlineExceeded)
      #expect(ContinuousNanoseconds.now - start >= 100_000_000)
      let short = running.handler.waiting.first { $0.text == "short" }
      #expect(short?.call.cancellation.isCancelled == true)
      running.handler.complete("short")
      running.handler.complete("long")
      #expect(try await peer.receive()?.text == "long")
    }
  }

  @Test func pingsComeBackWithTheirBody() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      try await peer.send(peer.ping([1, 2, 3]))
      let pong = try await peer.receive()
      #expect(pong?.header.type == .pong)
      #expect(pong?.body == [1, 2, 3])
    }
  }

  @Test func aHalfClosedConnectionStillGetsItsReplies() async throws {
    try await RunningServer.run { running in
      let peer = try await running.connect()
      // Half a frame at the end is dropped.
      try await peer.send(
        peer.hello("later a", stream: 1) + peer.hello("now b", stream: 3)
          + peer.hello("now c", stream: 5).prefix(20))
      peer.finishSending()
      #expect(try await peer.receive()?.text == "b")
      try await running.until("one waits") { running.handler.waiting.count == 1 }
      running.handler.complete("a")
      #expect(try await peer.receive()?.text == "a")
      #expect(try await peer.receive() == nil)
    }
  }

  @Test func aLostConnectionCancelsItsWork() async throws {
    try await RunningServer.run { running in
      var peer: RawPeer? = try await running.connect()
      try await peer?.send(peer?.hello("later x", stream: 1) ?? [])
      try await running.until("it waits") { running.handler.waiting.count == 1 }
      let call = try #require(running.handler.waiting.first?.call)
      // Bytes left unread make the kernel send a reset when the socket closes.
      try await peer?.send(peer?.hello("now y", stream: 3) ?? [])
      try await Task.sleep(for: .milliseconds(100))
      peer = nil
      try await running.until("the work is told") { call.cancellation.isCancelled }
      try await running.until("the connection is gone") { running.gauge.count == 0 }
      running.handler.complete("x")
    }
  }

  @Test func aTakenPortIsReportedWithAdvice() async throws {
    try await RunningServer.run { running in
      var settings = Settings()
      settings.port = running.port
      let second = Transport.Server(
        handler: TestHandler(), settings: settings, gauge: ConnectionGauge(), logger: Logger(label: "test"))
      await #expect {
        _ = try await second.start()
      } throws: { error in
        (error as? ListenFault)?.errorNumber == EADDRINUSE && "\(error)".contains("another port")
      }
    }
  }
}
