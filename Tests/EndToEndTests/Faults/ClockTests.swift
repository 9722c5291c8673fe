import Foundation
import Storage
import Testing
import Vocabulary

extension EndToEnd {
  /// Clocks that jump, with the real daemon. docs/faults.md, rows 28 and 49.
  @Suite struct ClockTests {
    /// A clock that the test can turn while the daemon runs.
    private func daemonWithClock() throws -> (daemon: Daemon, turn: (Int64) throws -> Void) {
      let daemon = try Daemon(in: Workplace())
      let file = daemon.workplace.file("clock")
      func turn(_ seconds: Int64) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let written = withUnsafeBytes(of: seconds.littleEndian) { pwrite(descriptor, $0.baseAddress, 8, 0) }
        guard written == 8 else { throw HarnessFailure("\(file) cannot be written") }
      }
      try turn(0)
      daemon.environment = try FaultShim.environment(["SHIM_CLOCK_FILE": file])
      return (daemon, turn)
    }

    private static let day: Int64 = 86_400

    @Test(
      "Jumps of days forth and back: ingest time never runs backwards, deadlines hold, nothing expires or is lost"
    )
    func jumps() async throws {
      try await onThread {
        let (daemon, turn) = try daemonWithClock()
        try daemon.start()
        var acknowledged: [String: UInt64] = [:]
        for (step, offset) in [0, Self.day, -Self.day, 0, 400 * Self.day, 1, -30 * Self.day].enumerated() {
          try turn(offset)
          for number in 0..<5 {
            let id = "\(step)-\(number)"
            guard case .success(let position)? = try Samples.send(id, to: daemon) else {
              Issue.record("\(id) was not taken")
              continue
            }
            acknowledged[id] = position
          }
          #expect(try Samples.reads(daemon))
          // A deadline is measured on the clock that nobody sets.
          var request = RecommendRequest()
          request.user = Array("user".utf8)
          _ = try daemon.connect().call(.recommend(request), timeoutMilliseconds: 5_000)
          if step == 3 {
            daemon.kill()
            try daemon.start()
          }
        }
        #expect(try Samples.missing(acknowledged, in: daemon).isEmpty)
        #expect(try daemon.stop() == .exit(0))
        var reader = try LogReader(path: daemon.data + "/log", from: Position(1), through: nil)
        var times: [Int64] = []
        while let record = try reader.next() { times.append(record.ingestTime.microseconds) }
        #expect(times.count >= 35)
        #expect(times == times.sorted(), "ingest times")
        #expect(times[times.count - 1] - times[0] >= 399 * Self.day * 1_000_000, "the clock did jump")
      }
    }

    @Test("An event is judged by the daemon's clock: from the future today, taken when that day has come")
    func future() async throws {
      try await onThread {
        let (daemon, turn) = try daemonWithClock()
        try daemon.start()
        var event = Samples.event("tomorrow")
        event.timeMicroseconds = Int64(Date.now.timeIntervalSince1970 + 86_400) * 1_000_000
        guard case .rejected(let fault) = try daemon.connect().ingest([event]).verdicts[0] else {
          throw HarnessFailure("taken")
        }
        #expect(fault.reason == .eventTimeFuture)
        try turn(2 * Self.day)
        guard case .accepted = try daemon.connect().ingest([event]).verdicts[0] else {
          throw HarnessFailure("refused")
        }
      }
    }

    @Test("An identifier is remembered without an end: over kill, start and a year")
    func identifiers() async throws {
      try await onThread {
        let (daemon, turn) = try daemonWithClock()
        try daemon.start()
        guard case .success(let position)? = try Samples.send("old", to: daemon) else {
          throw HarnessFailure("not taken")
        }
        daemon.kill()
        try turn(366 * Self.day)
        try daemon.start()
        #expect(try Samples.missing(["old": position], in: daemon).isEmpty)
      }
    }
  }
}
