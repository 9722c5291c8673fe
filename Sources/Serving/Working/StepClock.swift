import Vocabulary

/// Time spent in each step. Reads the clock once for each step.
struct StepClock {
  private(set) var now: UInt64 = 0
  private var step = StepKind.look
  /// By raw value of the step; only those up to `step` are of this request.
  private var nanoseconds = [UInt64](repeating: 0, count: 8)
  private var isReached: UInt8 = 0

  /// Where `now` comes from, until the next request.
  private var source = ReadClock()

  mutating func start(_ source: ReadClock) {
    self.source = source
    step = .look
    isReached = 0
    now = source.now
  }

  mutating func enter(_ next: StepKind) {
    stop()
    step = next
  }

  /// Ends the current step.
  mutating func stop() {
    let then = now
    now = source.now
    nanoseconds[Int(step.rawValue)] = now &- then
    isReached |= 1 << step.rawValue
  }

  /// Time of each step that was reached.
  func forEachTime(_ body: (StepTime) -> Void) {
    for step in StepKind.allCases where isReached & (1 << step.rawValue) != 0 {
      body(StepTime(step: step, nanoseconds: nanoseconds[Int(step.rawValue)]))
    }
  }

  /// Allocates: for explanations.
  var times: [StepTime] {
    StepKind.allCases.filter { isReached & (1 << $0.rawValue) != 0 }.map {
      StepTime(step: $0, nanoseconds: nanoseconds[Int($0.rawValue)])
    }
  }
}
