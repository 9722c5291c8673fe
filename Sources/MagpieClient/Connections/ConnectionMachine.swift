import Vocabulary

/// Decides what happens on one connection; knows streams and frames, but no channel and no clock.
///
/// Stream identifiers are odd and rise, as docs/protocol.md asks. `Pending` is whatever the owner wants back when a
/// stream ends.
package struct ConnectionMachine<Pending> {
  private enum State {
    /// Requests may be sent. Successors: `leaving`, `closed`.
    case open
    /// Nothing new is sent; what is in flight may finish. Successor: `closed`.
    case leaving(Fault?)
    /// Nothing comes any more. No successor.
    case closed
  }

  private enum Probe {
    case none
    /// A ping was sent at this moment, and nothing has been heard since.
    case sent(UInt64)
  }

  private var state = State.open
  private var streams: [UInt32: Pending] = [:]
  private var nextStream: UInt32
  private var heard: UInt64
  private var probe = Probe.none

  /// - Parameters:
  ///   - now: nanoseconds, the clock of `tick`.
  ///   - firstStream: odd; other than 1 only in tests of exhaustion.
  package init(now: UInt64, firstStream: UInt32 = 1) {
    heard = now
    nextStream = firstStream
  }

  /// Requests that wait for a reply.
  package var inFlight: Int { streams.count }

  /// What to do with a request.
  package enum OnSend {
    case write(stream: UInt32)
    /// It was not and must not be written here.
    case refuse(Fault)
  }

  /// A request wants to go out.
  package mutating func send(_ pending: Pending) -> OnSend {
    switch state {
    case .open:
      guard nextStream <= UInt32.max - 2 else {
        state = .leaving(nil)
        return .refuse(Fault(.connectionLost, "The connection has used up its streams; a new one is needed."))
      }
      let stream = nextStream
      nextStream += 2
      streams[stream] = pending
      return .write(stream: stream)
    case .leaving, .closed:
      return .refuse(Fault(.connectionLost, "The connection is closing; a new one is needed."))
    }
  }

  /// What to do with a frame.
  package enum OnFrame {
    /// The stream has ended; hand it its reply.
    case deliver(Pending, thenClose: Bool)
    case answerPing
    /// No new requests here: the pool must know.
    case leave(thenClose: Bool)
    /// Harmless: a reply nobody waits for any more, or the answer to a ping.
    case ignore
    /// The peer broke the protocol: close.
    case poison(Fault)
  }

  /// A checked header arrived. `fault` is the body of a GOAWAY.
  package mutating func received(_ type: FrameHeaderKind, stream: UInt32, fault: Fault?, now: UInt64)
    -> OnFrame
  {
    heard = now
    probe = .none
    if case .closed = state { return .ignore }
    switch type {
    case .reply:
      if let pending = streams.removeValue(forKey: stream) {
        return .deliver(pending, thenClose: isDone)
      }
      // A stream that was cancelled or ran out of time may still be answered; one never opened may not.
      if stream % 2 == 1, stream < nextStream { return .ignore }
      return .poison(Fault(.badStreamId, "A reply came for stream \(stream), which was never opened."))
    case .ping: return .answerPing
    case .pong: return .ignore
    case .goAway:
      state = .leaving(fault)
      return .leave(thenClose: streams.isEmpty)
    case .other:
      return .poison(Fault(.frameTypeUnknown, "The daemon sent a frame that only clients send."))
    }
  }

  /// What to do about a request nobody waits for.
  package enum OnAbandon {
    case drop(thenClose: Bool)
    /// It was answered already.
    case ignore
  }

  /// Nobody waits for `stream` any more.
  package mutating func abandon(stream: UInt32) -> OnAbandon {
    streams.removeValue(forKey: stream) == nil ? .ignore : .drop(thenClose: isDone)
  }

  /// The owner wants to leave. Returns whether to close at once.
  package mutating func leave() -> Bool {
    if case .open = state { state = .leaving(nil) }
    return streams.isEmpty
  }

  /// The connection is gone: what waited, and why it will not be answered.
  package mutating func closed(because reason: Fault) -> (pending: [Pending], fault: Fault) {
    // What the daemon said when it left explains more than the end of the stream.
    var fault = reason
    if case .leaving(let said?) = state { fault = said }
    state = .closed
    defer { streams = [:] }
    return (streams.sorted { $0.key < $1.key }.map(\.value), fault)
  }

  /// What to do after a while of silence.
  package enum OnTick: Equatable {
    case nothing
    case ping
    /// The peer is dead.
    case close
  }

  /// Time has passed. `silence` and `patience` in nanoseconds.
  package mutating func tick(now: UInt64, silence: UInt64, patience: UInt64) -> OnTick {
    if case .closed = state { return .nothing }
    switch probe {
    case .sent(let moment): return now >= moment &+ patience ? .close : .nothing
    case .none:
      guard now >= heard &+ silence else { return .nothing }
      probe = .sent(now)
      return .ping
    }
  }

  private var isDone: Bool {
    if case .leaving = state { streams.isEmpty } else { false }
  }
}

/// The frames a client may receive, as far as the machine must tell them apart.
package enum FrameHeaderKind: Sendable, Hashable {
  case reply, ping, pong, goAway, other
}
