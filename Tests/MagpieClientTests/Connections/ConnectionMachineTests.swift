import MagpieClient
import Testing
import Vocabulary

/// Transcripts: an event, the expected action, the next event.
@Suite struct ConnectionMachineTests {
  private func stream(_ action: ConnectionMachine<String>.OnSend) -> UInt32? {
    if case .write(let stream) = action { stream } else { nil }
  }

  private func describe(_ action: ConnectionMachine<String>.OnFrame) -> String {
    switch action {
    case .deliver(let pending, let thenClose): "deliver \(pending)\(thenClose ? ", close" : "")"
    case .answerPing: "answer ping"
    case .leave(let thenClose): "leave\(thenClose ? ", close" : "")"
    case .ignore: "ignore"
    case .poison(let fault): "poison \(fault.reason.rawValue)"
    }
  }

  @Test func answersInAnyOrder() {
    var machine = ConnectionMachine<String>(now: 0)
    #expect(stream(machine.send("a")) == 1)
    #expect(stream(machine.send("b")) == 3)
    #expect(describe(machine.received(.reply, stream: 3, fault: nil, now: 1)) == "deliver b")
    #expect(describe(machine.received(.reply, stream: 1, fault: nil, now: 1)) == "deliver a")
    // Twice is once too often, and harmless.
    #expect(describe(machine.received(.reply, stream: 1, fault: nil, now: 1)) == "ignore")
    #expect(describe(machine.received(.reply, stream: 2, fault: nil, now: 1)) == "poison bad_stream_id")
    #expect(describe(machine.received(.reply, stream: 5, fault: nil, now: 1)) == "poison bad_stream_id")
    #expect(describe(machine.received(.other, stream: 1, fault: nil, now: 1)) == "poison frame_type_unknown")
  }

  @Test func leavesOnceTheLastIsAnswered() {
    var machine = ConnectionMachine<String>(now: 0)
    _ = machine.send("a")
    _ = machine.send("b")
    let fault = Fault(.draining, "Going away.")
    #expect(describe(machine.received(.goAway, stream: 0, fault: fault, now: 1)) == "leave")
    #expect(stream(machine.send("c")) == nil)
    #expect(describe(machine.received(.reply, stream: 1, fault: nil, now: 1)) == "deliver a")
    guard case .drop(let thenClose) = machine.abandon(stream: 3) else {
      Issue.record("the stream was not open")
      return
    }
    #expect(thenClose)
  }

  @Test func aGoAwayWithoutRequestsClosesAtOnce() {
    var machine = ConnectionMachine<String>(now: 0)
    #expect(describe(machine.received(.goAway, stream: 0, fault: nil, now: 1)) == "leave, close")
  }

  @Test func tellsTheFaultOfTheGoAwayWhenItCloses() {
    var machine = ConnectionMachine<String>(now: 0)
    _ = machine.send("a")
    _ = machine.send("b")
    _ = machine.received(.goAway, stream: 0, fault: Fault(.idleTimeout, "Idle."), now: 1)
    let (pending, fault) = machine.closed(because: Fault(.connectionLost, "Lost."))
    #expect(pending == ["a", "b"])
    #expect(fault.reason == .idleTimeout)
    #expect(stream(machine.send("c")) == nil)
    #expect(describe(machine.received(.reply, stream: 1, fault: nil, now: 1)) == "ignore")
  }

  @Test func startsAfreshWhenStreamsRunOut() {
    var machine = ConnectionMachine<String>(now: 0, firstStream: UInt32.max - 2)
    #expect(stream(machine.send("a")) == UInt32.max - 2)
    guard case .refuse(let fault) = machine.send("b") else {
      Issue.record("the stream identifier overflowed")
      return
    }
    #expect(fault.code == .unavailable)
    #expect(
      describe(machine.received(.reply, stream: UInt32.max - 2, fault: nil, now: 1)) == "deliver a, close")
  }

  @Test func probesSilence() {
    var machine = ConnectionMachine<String>(now: 100)
    #expect(machine.tick(now: 149, silence: 50, patience: 20) == .nothing)
    #expect(machine.tick(now: 150, silence: 50, patience: 20) == .ping)
    #expect(machine.tick(now: 160, silence: 50, patience: 20) == .nothing)
    _ = machine.received(.pong, stream: 0, fault: nil, now: 165)
    #expect(machine.tick(now: 214, silence: 50, patience: 20) == .nothing)
    #expect(machine.tick(now: 215, silence: 50, patience: 20) == .ping)
    #expect(machine.tick(now: 235, silence: 50, patience: 20) == .close)
  }
}
