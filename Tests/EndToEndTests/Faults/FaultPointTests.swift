import FaultPoints
import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The switch by which script/torture has the daemon die, and what docs/faults.md says of it.
  @Suite struct FaultPointTests {
    @Test("A daemon dies where it is told to, and says beforehand that it will")
    func dies() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.environment = [FaultPoints.variable: "commit.answered:3"]
        try daemon.start()
        #expect(try daemon.logLines().contains { $0["event"] as? String == "fault_point" })
        var acknowledged: [String: UInt64] = [:]
        for number in 0..<5 {
          if case .success(let position)? = try Samples.send("\(number)", to: daemon) {
            acknowledged["\(number)"] = position
          }
          if number == 2 { break }
        }
        #expect(try daemon.running().wait(seconds: 20) == .signal(SIGKILL))
        #expect(acknowledged.count >= 2)
        daemon.environment = [:]
        try daemon.start()
        #expect(try Samples.missing(acknowledged, in: daemon).isEmpty)
      }
    }

    @Test("A point that does not exist keeps the daemon from starting, with 78")
    func unknown() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.environment = [FaultPoints.variable: "log.writen"]
        try daemon.launch()
        #expect(try daemon.running().wait(seconds: 20) == .exit(78), "\(daemon.log)")
        #expect(daemon.log.contains("log.writen"))
      }
    }
  }
}
