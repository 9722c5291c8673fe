import Engine
import Logging
import Testing
import Vocabulary

/// Lines of the log about reads: steps are fields by their names.
struct ReadLogTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func slowReadsHaveALineButNoFlood() {
    var log = ReadLog()
    let slow = ReadLog.slowNanoseconds
    #expect(log.level(slow - 1, 1, isTalkative: false) == nil)
    #expect(log.level(slow, 2, isTalkative: false) == .info)
    #expect(log.takeUnsaid() == 0)
    // Within the same second nothing more, but it is counted.
    #expect(log.level(slow, 3, isTalkative: false) == nil)
    #expect(log.level(slow, 1 + Self.second, isTalkative: false) == nil)
    #expect(log.level(slow, 2 + Self.second, isTalkative: false) == .info)
    #expect(log.takeUnsaid() == 2)
    #expect(log.takeUnsaid() == 0)
  }

  @Test func talkativeLogsHaveALineForEach() {
    var log = ReadLog()
    #expect(log.level(1, 1, isTalkative: true) == .debug)
    #expect(log.level(ReadLog.slowNanoseconds, 2, isTalkative: true) == .info)
    #expect(log.level(ReadLog.slowNanoseconds, 3, isTalkative: true) == .debug)
  }

  @Test func stepsAreFields() async throws {
    let rig = try EngineRig { $0.logLevel = .debug }
    await rig.put((0..<8).map { ("i\($0)", "") })
    let slate = try #require(await rig.recommend("somebody") { $0.k = 4 }.slate)
    let line = try #require(rig.log.lines("read").last)
    for step in StepKind.allCases {
      #expect(line.fields[step.name].flatMap { UInt64($0) } != nil, "\(step.name) is no field of \(line)")
    }
    #expect(line.fields["recommendation"] == String(decoding: slate.recommendation, as: UTF8.self))
    #expect(line.fields["us"].flatMap { UInt64($0) } != nil)
    #expect(!line.fields.values.contains { $0.contains("somebody") }, "a line about a read names nobody")
    // What is refused says why.
    _ = await rig.recommend("somebody") { $0.k = 0 }
    #expect(rig.log.lines("read").last?.fields["reason"] == FaultReason.kOutOfRange.rawValue)
  }

  @Test func otherwiseTheLogIsQuiet() async throws {
    let rig = try EngineRig()
    await rig.put((0..<8).map { ("i\($0)", "") })
    _ = await rig.recommend("somebody")
    #expect(rig.log.lines("read").isEmpty)
  }
}
