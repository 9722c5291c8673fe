import Testing
import Transport
import Vocabulary
import Wire

/// A real server on loopback that is asked for more than it can do: each request is answered once, whatever becomes of it.
@Suite struct OverloadServerTests {
  private func overload(target: Int64, interval: Int64) -> OverloadSettings {
    var settings = OverloadSettings()
    (settings.targetMilliseconds, settings.intervalMilliseconds) = (target, interval)
    return settings
  }

  /// `count` requests that take a fifth of a millisecond each, on odd streams from 1 on.
  private func slow(_ count: Int) -> [UInt8] {
    (0..<count).flatMap {
      RawFrame.request(method: Method.rank.rawValue, stream: UInt32(2 * $0 + 1), meta: [], body: [])
    }
  }

  @Test func whatWaitedTooLongIsRefusedWithAReasonAndATime() async throws {
    try await RunningServer.run(overload: overload(target: 1, interval: 10)) { running in
      let peer = try await running.connect()
      try await peer.send(slow(900))
      let replies = try await peer.receive(900)
      #expect(replies.count == 900)
      let faults = replies.values.compactMap(\.fault)
      // All came at once, and all together take 180 ms: an interval of 10 ms passes in which the shortest wait is above 1.
      #expect(!faults.isEmpty)
      #expect(faults.allSatisfy { $0.reason == .overloaded && $0.code == .resourceExhausted })
      #expect(faults.allSatisfy { $0.retryAfterMilliseconds == RequestClass.read.retryAfterMilliseconds })
      // What was refused was not begun.
      #expect(running.handler.handledCount == 900 - faults.count)
      // When the crowd is gone, it is as before.
      try await peer.send(RawFrame.request(method: Method.rank.rawValue, stream: 2001, meta: [], body: []))
      #expect(try await peer.receive()?.header.code == 0)
    }
  }

  @Test func aTargetOfZeroServesEverything() async throws {
    try await RunningServer.run(overload: overload(target: 0, interval: 10)) { running in
      let peer = try await running.connect()
      try await peer.send(slow(400))
      let replies = try await peer.receive(400)
      #expect(replies.count == 400)
      #expect(replies.values.allSatisfy { $0.header.code == 0 })
      #expect(running.handler.handledCount == 400)
    }
  }

  @Test func healthIsAnsweredBeforeWhatWaits() async throws {
    try await RunningServer.run(overload: overload(target: 0, interval: 10)) { running in
      let peer = try await running.connect()
      try await peer.send(slow(400) + peer.hello("now well", stream: 801))
      var streams: [UInt32] = []
      for _ in 0..<401 { if let frame = try await peer.receive() { streams.append(frame.header.stream) } }
      #expect(Set(streams).count == 401)
      #expect(streams.last != 801)
    }
  }

  @Test func whatIsCancelledWhileItWaitsIsNotBegun() async throws {
    try await RunningServer.run(overload: overload(target: 0, interval: 10)) { running in
      let peer = try await running.connect()
      try await peer.send(slow(400) + peer.cancel(799))
      let replies = try await peer.receive(400)
      #expect(replies.count == 400)
      let wasCancelled = replies[799]?.fault?.reason == .cancelled
      #expect(running.handler.handledCount == (wasCancelled ? 399 : 400))
    }
  }

  @Test func aPeerThatFinishedSendingGetsWhatItAskedFor() async throws {
    try await RunningServer.run(overload: overload(target: 0, interval: 10)) { running in
      let peer = try await running.connect()
      try await peer.send(slow(300))
      peer.finishSending()
      // It still gets the replies to what it asked, and then the end.
      #expect(try await peer.receive(300).count == 300)
      #expect(try await peer.receive() == nil)
    }
  }
}
