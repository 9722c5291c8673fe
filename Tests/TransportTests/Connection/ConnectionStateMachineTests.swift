import Testing
import Transport
import Vocabulary
import Wire

/// Transcripts: an event, the action expected, the next event.
@Suite struct ConnectionStateMachineTests {
  static let second: UInt64 = 1_000_000_000

  var machine = ConnectionStateMachine(limits: ConnectionLimits(), now: 0)

  func header(
    _ type: FrameType, _ method: Method? = nil, stream: UInt32 = 0, timeout: UInt32 = 0
  ) -> FrameHeader {
    FrameHeader(type: type, code: method?.rawValue ?? 0, stream: stream, timeoutMilliseconds: timeout)
  }

  mutating func send(_ header: FrameHeader, at now: UInt64 = 0) -> ConnectionStateMachine.OnFrame {
    machine.frame(header, received: now, now: now)
  }

  /// A request that its handler takes for later. Returns its cancellation.
  mutating func begin(_ stream: UInt32, timeout: UInt32 = 0, at now: UInt64 = 0) -> Cancellation {
    let cancellation = Cancellation()
    if case .handle(_, let deadline) = send(
      header(.request, .train, stream: stream, timeout: timeout), at: now)
    {
      machine.deferred(stream, deadline: deadline, cancellation: cancellation)
    } else {
      Issue.record("stream \(stream) was not handled")
    }
    return cancellation
  }

  func reason(_ action: ConnectionStateMachine.OnFrame) -> FaultReason? {
    switch action {
    case .refuse(let fault), .fail(let fault): fault.reason
    default: nil
    }
  }

  // MARK: Requests

  @Test mutating func requestsAreHandledWithTheirDeadlines() {
    let ms: UInt64 = 1_000_000
    #expect(
      send(header(.request, .recommend, stream: 1), at: 5) == .handle(.recommend, deadline: 5 + 10_000 * ms))
    #expect(
      send(header(.request, .check, stream: 3, timeout: 20), at: 7) == .handle(.check, deadline: 7 + 20 * ms))
    #expect(
      send(header(.request, .check, stream: 9, timeout: .max), at: 7)
        == .handle(.check, deadline: 7 + 600_000 * ms))
    #expect(machine.phase == .open)
    #expect(machine.awaitingCount == 0)
  }

  @Test mutating func aRequestThatWaitedTooLongIsNotBegun() {
    let late = machine.frame(header(.request, .check, stream: 1, timeout: 20), received: 0, now: 20_000_000)
    #expect(reason(late) == .deadlineExceeded)
    guard case .refuse = late else {
      Issue.record("\(late)")
      return
    }
  }

  @Test(
    arguments: [
      [0], [2], [1, 1], [5, 3], [1, 3, 3], [4_294_967_295, 1],
    ] as [[UInt32]])
  mutating func streamsMustBeOddAndIncrease(_ streams: [UInt32]) {
    for stream in streams.dropLast() {
      #expect(reason(send(header(.request, .check, stream: stream))) == nil)
    }
    let last = send(header(.request, .check, stream: streams[streams.count - 1]))
    #expect(reason(last) == .badStreamId)
    guard case .fail = last else {
      Issue.record("\(last)")
      return
    }
  }

  @Test mutating func anUnknownMethodIsRefusedAndTheConnectionLives() {
    var unknown = header(.request, stream: 1)
    unknown.code = 9999
    #expect(reason(send(unknown)) == .methodUnknown)
    #expect(send(header(.request, .check, stream: 3)) == .handle(.check, deadline: 10 * Self.second))
  }

  @Test mutating func moreStreamsThanAllowedAreRefusedUntilOneIsDone() {
    var limits = ConnectionLimits()
    limits.streamsMax = 2
    machine = ConnectionStateMachine(limits: limits, now: 0)
    _ = begin(1)
    _ = begin(3)
    #expect(reason(send(header(.request, .check, stream: 5))) == .tooManyStreams)
    #expect(machine.completed(1, at: 0) == .send)
    #expect(reason(send(header(.request, .check, stream: 7))) == nil)
  }

  @Test mutating func completionsMayComeInAnyOrderButOnlyOnce() {
    _ = begin(1)
    _ = begin(3)
    #expect(machine.completed(3, at: 0) == .send)
    #expect(machine.completed(3, at: 0) == .drop)
    #expect(machine.completed(1, at: 0) == .send)
    #expect(machine.completed(99, at: 0) == .drop)
    #expect(machine.awaitingCount == 0)
  }

  // MARK: Cancelling and deadlines

  @Test mutating func aCancelAnswersAtOnceAndKeepsThePlaceUntilTheWorkEnds() {
    var limits = ConnectionLimits()
    limits.streamsMax = 1
    machine = ConnectionStateMachine(limits: limits, now: 0)
    let cancellation = begin(1)
    #expect(!cancellation.isCancelled)
    #expect(send(header(.cancel, stream: 1)) == .answerCancelled)
    #expect(cancellation.isCancelled)
    #expect(send(header(.cancel, stream: 1)) == .ignore)
    #expect(reason(send(header(.request, .check, stream: 3))) == .tooManyStreams)
    #expect(machine.completed(1, at: 0) == .drop)
    #expect(reason(send(header(.request, .check, stream: 5))) == nil)
  }

  @Test mutating func cancelsThatCrossTheReplyAreHarmlessAndInventedOnesAreNot() {
    _ = begin(5)
    #expect(machine.completed(5, at: 0) == .send)
    #expect(send(header(.cancel, stream: 5)) == .ignore)
    #expect(send(header(.cancel, stream: 3)) == .ignore)
    #expect(reason(send(header(.cancel, stream: 7))) == .badStreamId)
  }

  @Test mutating func deadlinesAreMetInOrder() {
    let first = begin(1, timeout: 100)
    let second = begin(3, timeout: 50)
    #expect(machine.nextDeadline == 50_000_000)
    #expect(machine.expire(at: 49_999_999) == [])
    #expect(machine.expire(at: 50_000_000) == [3])
    #expect(second.isCancelled && !first.isCancelled)
    #expect(machine.nextDeadline == 100_000_000)
    #expect(machine.completed(3, at: 0) == .drop)
    #expect(machine.completed(1, at: 0) == .send)
    #expect(machine.nextDeadline == nil)
  }

  @Test mutating func aStormOfCancelsEndsTheConnection() {
    var stream: UInt32 = 1
    for _ in 0..<Limits.cancelsPerWindowMax {
      _ = begin(stream)
      #expect(send(header(.cancel, stream: stream)) == .answerCancelled)
      _ = machine.completed(stream, at: 0)
      stream += 2
    }
    _ = begin(stream)
    #expect(reason(send(header(.cancel, stream: stream))) == .tooManyCancels)
  }

  @Test mutating func manyCancelsAmongManyMoreRequestsAreFineAndWindowsPass() {
    var stream: UInt32 = 1
    for round in 0..<(2 * Limits.cancelsPerWindowMax) {
      for _ in 0..<3 {
        #expect(reason(send(header(.request, .check, stream: stream))) == nil)
        stream += 2
      }
      #expect(send(header(.cancel, stream: stream - 2)) == .ignore, "round \(round)")
    }
    // Only cancels, but few in each window.
    for window in 1...20 {
      for _ in 0..<(Limits.cancelsPerWindowMax / 2) {
        #expect(send(header(.cancel, stream: 1), at: UInt64(window) * 10 * Self.second) == .ignore)
      }
    }
  }

  // MARK: Pings and frames against the rules

  @Test mutating func pingsAreAnsweredUntilTheyFlood() {
    for _ in 0..<Limits.pingsPerWindowMax { #expect(send(header(.ping)) == .pong) }
    #expect(reason(send(header(.ping))) == .tooManyPings)
    machine = ConnectionStateMachine(limits: ConnectionLimits(), now: 0)
    for round in 0..<1000 {
      #expect(send(header(.ping), at: UInt64(round) * Self.second) == .pong)
      #expect(send(header(.pong), at: UInt64(round) * Self.second) == .ignore)
    }
  }

  @Test func framesAgainstTheRulesEndTheConnection() {
    func fails(_ change: (inout FrameHeader) -> Void, _ type: FrameType) -> FaultReason? {
      var machine = ConnectionStateMachine(limits: ConnectionLimits(), now: 0)
      var header = FrameHeader(type: type)
      change(&header)
      guard case .fail(let fault) = machine.frame(header, received: 0, now: 0) else { return nil }
      return fault.reason
    }
    #expect(fails({ $0.stream = 1 }, .reply) == .frameTypeUnknown)
    #expect(fails({ $0.stream = 1 }, .ping) == .badStreamId)
    #expect(fails({ $0.code = 1 }, .ping) == .reservedNotZero)
    #expect(fails({ $0.timeoutMilliseconds = 1 }, .pong) == .reservedNotZero)
    #expect(fails({ $0.bodyBytes = Limits.pingBytesMax + 1 }, .ping) == .badLength)
    #expect(fails({ $0.metaBytes = 1 }, .ping) == .badLength)
    #expect(fails({ $0.bodyBytes = 1 }, .cancel) == .badLength)
    #expect(fails({ $0.stream = 1 }, .goAway) == .badStreamId)
    #expect(fails({ $0.bodyBytes = Limits.pingBytesMax }, .ping) == nil)
    #expect(fails({ $0.code = 14 }, .goAway) == nil)
  }

  @Test mutating func afterAFailureEverythingIsAbandoned() {
    let cancellation = begin(1)
    machine.failed()
    #expect(machine.phase == .lingering)
    #expect(cancellation.isCancelled)
    #expect(machine.completed(1, at: 0) == .drop)
    #expect(send(header(.request, .check, stream: 3)) == .ignore)
    #expect(machine.drain(at: 0) == .ignore)
    #expect(machine.inputEnded() == .close)
    #expect(machine.phase == .finished)
  }

  // MARK: The end

  @Test mutating func aHalfClosedConnectionFinishesWhatIsInFlight() {
    let cancellation = begin(1)
    #expect(machine.inputEnded() == .finish)
    #expect(machine.settled(hasInput: false) == .stay)
    #expect(machine.completed(1, at: 0) == .send)
    #expect(machine.settled(hasInput: true) == .stay)
    #expect(machine.settled(hasInput: false) == .close)
    #expect(machine.phase == .finished)
    #expect(!cancellation.isCancelled)
  }

  @Test mutating func aClientsGoAwayIsItsLastWord() {
    _ = begin(1)
    #expect(send(header(.goAway)) == .finish)
    #expect(reason(send(header(.request, .check, stream: 3))) == .draining)
    #expect(machine.completed(1, at: 0) == .send)
    #expect(machine.settled(hasInput: false) == .close)
  }

  @Test mutating func aCancelledRequestDoesNotHoldUpTheEnd() {
    _ = begin(1)
    #expect(send(header(.cancel, stream: 1)) == .answerCancelled)
    #expect(machine.inputEnded() == .finish)
    #expect(machine.settled(hasInput: false) == .close)
  }

  @Test mutating func drainingRefusesTheNewFinishesTheOldAndWaitsForQuiet() {
    let ms: UInt64 = 1_000_000
    _ = begin(1)
    #expect(machine.drain(at: 0) == .goAway)
    #expect(machine.drain(at: 0) == .ignore)
    #expect(reason(send(header(.request, .check, stream: 3), at: 10 * ms)) == .draining)
    #expect(machine.isDrained(at: 1000 * ms) == false)
    #expect(machine.completed(1, at: 1000 * ms) == .send)
    #expect(machine.isDrained(at: 1100 * ms) == false)
    #expect(machine.isDrained(at: 1200 * ms) == true)
    #expect(machine.phase == .lingering)
  }

  @Test mutating func aLostConnectionStopsItsWork() {
    let cancellation = begin(1)
    machine.closed()
    #expect(cancellation.isCancelled)
    #expect(machine.completed(1, at: 0) == .drop)
  }

  // MARK: Time

  func tick(
    _ machine: inout ConnectionStateMachine, _ seconds: UInt64, taken: Int = 0, unread: Int = 0
  ) -> FaultReason? {
    switch machine.tick(at: seconds * Self.second, takenBytes: taken, unreadBytes: unread) {
    case .stay: nil
    case .fail(let fault), .abort(let fault): fault.reason
    }
  }

  @Test mutating func silenceEndsAnIdleConnectionButNotABusyOne() {
    #expect(tick(&machine, 899) == nil)
    #expect(send(header(.ping), at: 899 * Self.second) == .pong)
    #expect(tick(&machine, 1798) == nil)
    #expect(tick(&machine, 1799) == .idleTimeout)
    machine = ConnectionStateMachine(limits: ConnectionLimits(), now: 0)
    _ = begin(1)
    #expect(tick(&machine, 2000) == nil)
    #expect(machine.completed(1, at: 2000 * Self.second) == .send)
    #expect(tick(&machine, 2899) == nil)
    #expect(tick(&machine, 2900) == .idleTimeout)
  }

  @Test mutating func aFrameMustArriveInItsTime() {
    machine.readEnded(isPartial: true, hadFrames: false, at: 0)
    machine.readEnded(isPartial: true, hadFrames: false, at: 9 * Self.second)
    #expect(tick(&machine, 9) == nil)
    #expect(tick(&machine, 10) == .frameTimeout)
    // A frame was completed and the next begun: its time starts anew.
    machine.readEnded(isPartial: true, hadFrames: true, at: 9 * Self.second)
    #expect(tick(&machine, 18) == nil)
    machine.readEnded(isPartial: false, hadFrames: true, at: 18 * Self.second)
    #expect(tick(&machine, 100) == nil)
    // While reading is paused, half a frame is not the peer's fault.
    machine.readEnded(isPartial: true, hadFrames: false, at: 100 * Self.second)
    machine.readingPaused()
    #expect(tick(&machine, 200) == nil)
  }

  @Test mutating func aPeerThatReadsNothingIsDisconnectedASlowOneIsNot() {
    #expect(tick(&machine, 0, taken: 0, unread: 100) == nil)
    #expect(tick(&machine, 29, taken: 0, unread: 100) == nil)
    #expect(tick(&machine, 30, taken: 1, unread: 99) == nil)
    #expect(tick(&machine, 59, taken: 1, unread: 500) == nil)
    #expect(tick(&machine, 60, taken: 1, unread: 500) == .slowConsumer)
    #expect(tick(&machine, 61, taken: 501, unread: 0) == nil)
    #expect(tick(&machine, 200, taken: 501, unread: 7) == nil)
    #expect(tick(&machine, 229, taken: 501, unread: 7) == nil)
    #expect(tick(&machine, 230, taken: 501, unread: 7) == .slowConsumer)
  }

  @Test func limitsNeverTrap() {
    #expect(ConnectionLimits.nanoseconds(seconds: .max) == .max)
    #expect(ConnectionLimits.nanoseconds(seconds: -5) == 0)
    #expect(ConnectionLimits.nanoseconds(milliseconds: 3) == 3_000_000)
  }
}
