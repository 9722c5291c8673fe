import Vocabulary
import Wire

/// What each frame from a client means. docs/protocol.md holds the rules.
extension ConnectionStateMachine {
  package enum OnFrame: Sendable, Hashable {
    /// Do the request.
    case handle(Method, deadline: UInt64)
    /// Answer on the frame's stream without doing anything.
    case refuse(Fault)
    /// Answer on the frame's stream that it was cancelled.
    case answerCancelled
    /// Send the body back.
    case pong
    case ignore
    /// The peer broke the rules: say so in a GOAWAY and hang up.
    case fail(Fault)
    /// The peer will ask nothing more: finish what is in flight, then close.
    case finish
  }

  /// A whole frame came, its last byte at `received`.
  package mutating func frame(_ header: FrameHeader, received: UInt64, now: UInt64) -> OnFrame {
    if phase != .open { return .ignore }
    lastTraffic = now
    if now &- window.start >= limits.calmWindow { window = Window(start: now) }
    if let fault = formFault(header) { return .fail(fault) }
    switch header.type {
    case .request: return request(header, received: received, now: now)
    case .cancel: return cancel(header)
    case .ping, .pong:
      window.pings += 1
      if window.pings > limits.pingsPerWindowMax {
        return .fail(
          Fault(
            .tooManyPings,
            "More than \(limits.pingsPerWindowMax) pings in \(limits.calmWindow / 1_000_000_000) seconds; ping less often."
          ))
      }
      return header.type == .ping ? .pong : .ignore
    case .goAway:
      hasInputEnded = true
      return .finish
    case .reply:
      return .fail(
        Fault(.frameTypeUnknown, "A client sent a REPLY; only the daemon sends replies.", field: "type"))
    }
  }

  private mutating func request(_ header: FrameHeader, received: UInt64, now: UInt64) -> OnFrame {
    if header.stream & 1 == 0 || header.stream <= lastStream {
      return .fail(
        Fault(
          .badStreamId,
          "Stream \(header.stream) was opened after \(lastStream); streams are odd and strictly increasing.",
          field: "stream"))
    }
    lastStream = header.stream
    window.requests += 1
    if isDraining || hasInputEnded {
      return .refuse(
        Fault(
          .draining, "The daemon takes no new requests on this connection; connect again.",
          retryAfterMilliseconds: 1000))
    }
    guard let method = Method(rawValue: header.code) else {
      return .refuse(
        Fault(.methodUnknown, "Method \(header.code) is not known to this version.", field: "code"))
    }
    if streams.count >= limits.streamsMax {
      return .refuse(
        Fault(
          .tooManyStreams,
          "\(streams.count) requests are in flight on this connection; wait for some of them.",
          retryAfterMilliseconds: 100))
    }
    let timeout =
      header.timeoutMilliseconds == 0
      ? limits.timeoutMillisecondsDefault : min(header.timeoutMilliseconds, limits.timeoutMillisecondsMax)
    // Both are far from the end of 64 bits: the clock counts from the start of the process.
    let deadline = received &+ UInt64(timeout) &* 1_000_000
    if now >= deadline {
      return .refuse(Fault(.deadlineExceeded, "The request's time was over before it was begun."))
    }
    return .handle(method, deadline: deadline)
  }

  private mutating func cancel(_ header: FrameHeader) -> OnFrame {
    if header.stream & 1 == 0 || header.stream > lastStream {
      return .fail(
        Fault(
          .badStreamId, "Stream \(header.stream) was cancelled but never opened.", field: "stream"))
    }
    window.cancels += 1
    if window.cancels > limits.cancelsPerWindowMax && window.cancels > window.requests / 2 {
      return .fail(
        Fault(
          .tooManyCancels,
          "\(window.cancels) of \(window.requests) requests were cancelled; ask for less, or wait longer."))
    }
    // Answered already, or cancelled twice: the cancel crossed the reply, which is nobody's fault.
    guard let stream = streams[header.stream], !stream.isAnswered else { return .ignore }
    answerEarly(header.stream)
    return .answerCancelled
  }

  /// Checks the fields that some types do not use.
  private func formFault(_ header: FrameHeader) -> Fault? {
    if header.type == .request || header.type == .reply { return nil }
    if header.type != .goAway && header.code != 0 {
      return Fault(.reservedNotZero, "The code is not zero in a \(header.type) frame.", field: "code")
    }
    if header.timeoutMilliseconds != 0 {
      return Fault(.reservedNotZero, "The timeout is not zero in a \(header.type) frame.", field: "timeout")
    }
    if header.type != .cancel && header.stream != 0 {
      return Fault(.badStreamId, "The stream is not zero in a \(header.type) frame.", field: "stream")
    }
    let bodyMax =
      header.type == .cancel ? 0 : header.type == .goAway ? Limits.frameBytesMax : Limits.pingBytesMax
    if header.metaBytes != 0 || header.bodyBytes > bodyMax {
      return Fault(
        .badLength, "A \(header.type) frame has no meta message and at most \(bodyMax) bytes of body.",
        field: "length")
    }
    return nil
  }
}
