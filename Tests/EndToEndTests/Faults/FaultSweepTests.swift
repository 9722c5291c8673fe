import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// One call of the real daemon fails: a write, an fsync, a rename, an open, a map, an accept, an allocation, in log, state,
  /// superblock, snapshot and generation switch. Whatever was acknowledged is there afterwards, once.
  ///
  /// The suite takes some calls of each kind, others in each run; MAGPIE_FAULT_SWEEP=all takes every one of the first 300 and
  /// every tenth behind. What goes through `Disk` is swept call by call in SimulationTests.
  @Suite struct FaultSweepTests {
    @Test("A call that fails costs nothing that was acknowledged, whichever call it is")
    func anyCallFails() async throws {
      let seed = testSeed()
      print("fault sweep: MAGPIE_TEST_SEED=\(seed)")
      try await onThread {
        let sweep = try FaultSweep(seed: seed)
        try sweep.run()
        print("fault sweep: \(sweep.summary)")
        #expect(sweep.struck >= sweep.runs / 2, "most runs must meet their fault")
      }
    }
  }
}

/// Runs one story of a daemon again and again, with another call failing each time.
private final class FaultSweep {
  private let base: Daemon
  private let library: FaultLibrary
  private var chance: SeededGenerator
  private var calls: [FaultLibrary.Plan.Kind: UInt64] = [:]
  private(set) var runs = 0
  private(set) var struck = 0
  private var endings: [String: Int] = [:]

  var summary: String {
    let counted = calls.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
    let ended = endings.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
    return
      "\(runs) runs, \(struck) met their fault; calls in one story: \(counted); the daemon ended: \(ended)"
  }

  /// Makes the directory that every run has a copy of: events, a state with tables, two generations.
  init(seed: UInt64) throws {
    chance = SeededGenerator(seed: seed)
    base = try Daemon.started(in: Workplace())
    library = try FaultLibrary(in: base.workplace)
    try GroupedShop.fill(base, batches: 0..<4, seed: 7)
    for _ in 0..<2 {
      let training = try GroupedShop.train(base)
      guard training.state == .succeeded else { throw HarnessFailure("no generation: \(training.message)") }
    }
    _ = try base.stop()
  }

  func run() throws {
    let isWhole = ProcessInfo.processInfo.environment["MAGPIE_FAULT_SWEEP"] == "all"
    // With a sanitizer allocations are the sanitizer's own, and no library can make one fail.
    for kind in FaultLibrary.Plan.Kind.allCases where kind != .allocate || !Sanitizer.isOn {
      let counted = try story(kind, 0, "0")
      calls[kind] = counted
      guard counted > 0 else { throw HarnessFailure("the story makes no call of \(kind)") }
      let numbers: [UInt64] =
        isWhole
        ? (1...counted).filter { $0 <= 300 || $0 % 10 == 0 }
        : (0..<2).map { _ in UInt64.random(in: 1...counted, using: &chance) }
      for number in numbers { _ = try story(kind, number, action(kind)) }
    }
  }

  private func action(_ kind: FaultLibrary.Plan.Kind) -> String {
    let actions: [String]
    switch kind {
    case .write, .sync, .rename: actions = [String(EIO), String(ENOSPC), "kill"]
    case .open: actions = [String(EIO), String(EMFILE), String(EACCES)]
    case .mmap, .allocate: actions = [String(ENOMEM)]
    case .accept: actions = [String(EMFILE), String(ECONNABORTED)]
    }
    return actions.randomElement(using: &chance) ?? String(EIO)
  }

  /// One life of a daemon with a fault, and one without that must find everything.
  /// - Returns: how many calls of the kind there were.
  private func story(_ kind: FaultLibrary.Plan.Kind, _ number: UInt64, _ action: String) throws -> UInt64 {
    let workplace = try Workplace()
    let data = workplace.file("data")
    try FileManager.default.copyItem(atPath: base.data, toPath: data)
    let plan = try FaultLibrary.Plan(
      kind, number, action, under: [.accept, .allocate].contains(kind) ? "" : data, in: workplace)
    let daemon = Daemon(in: workplace, on: data)
    daemon.environment = plan.environment(library)
    let about = Comment(rawValue: "\(kind.rawValue) \(number), \(action)")
    var acknowledged: [Position?] = []
    let ending = live(daemon, &acknowledged, about, mayDie: kind == .allocate)
    if number > 0 {
      runs += 1
      if plan.hasStruck { struck += 1 }
      endings[ending, default: 0] += 1
    }
    // Nothing fails any more: it starts, and has it all.
    daemon.environment = [:]
    do { try daemon.start() } catch {
      Issue.record("\(about): the start after it: \(error)")
      return plan.calls
    }
    let connection = try daemon.connect()
    var positions = Set<UInt64>()
    for (index, verdict) in try connection.ingest(Self.events(acknowledged.count + 20)).verdicts.enumerated()
    {
      let earlier = index < acknowledged.count ? acknowledged[index] : nil
      switch verdict {
      case .duplicate(let position):
        #expect(earlier == nil || earlier == position, about)
        #expect(positions.insert(position.value).inserted, about)
      case .accepted(let position):
        #expect(earlier == nil, "\(about): event \(index) was acknowledged and is lost")
        #expect(positions.insert(position.value).inserted, about)
      case .rejected(let fault): Issue.record("\(about): event \(index): \(fault)")
      }
    }
    let tenant = try require(daemon.status().tenants.first, "no tenant")
    #expect([1, 2].contains(tenant.generation.value), "\(about): generation \(tenant.generation) serves")
    // Each event of the base and of the story once, and positions without a gap.
    #expect(tenant.events == UInt64(4_000 + positions.count), about)
    #expect(positions.max() == UInt64(4_000 + positions.count), about)
    #expect(try daemon.stop() == .exit(0), about)
    return plan.calls
  }

  private static func events(_ count: Int) -> [EventDraft] {
    (0..<count).map { number in
      var event = EventDraft()
      event.id = Array("fault-\(number)".utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("user-\(number % 50)".utf8)
      event.item = Array("item-\(number % 90)".utf8)
      event.timeMicroseconds = 1_750_000_000_000_000 + Int64(number)
      return event
    }
  }

  /// Ingest, a switch, a snapshot, ingest, the way back, the end. Every refusal must say why.
  private func live(
    _ daemon: Daemon, _ acknowledged: inout [Position?], _ about: Comment, mayDie: Bool
  ) -> String {
    do {
      try daemon.start()
      for step in 0..<6 {
        switch step {
        case 1, 4:
          var request = GenerationsRequest()
          request.action = step == 1 ? .promote : .rollback
          request.generation = 1
          try ask(daemon, .generations(request), about)
        case 2:
          var request = SnapshotRequest()
          request.action = .create
          try ask(daemon, .snapshot(request), about)
          let deadline = Date(timeIntervalSinceNow: 30)
          while try daemon.status().snapshot.state == .creating, Date() < deadline { usleep(2_000) }
        default:
          let start = acknowledged.count
          let batch = Array(Self.events(start + 150)[start...])
          acknowledged += [Position?](repeating: nil, count: batch.count)
          for (index, verdict) in try daemon.connect().ingest(batch).verdicts.enumerated() {
            switch verdict {
            case .accepted(let position), .duplicate(let position): acknowledged[start + index] = position
            case .rejected(let fault): Issue.record("\(about): \(fault)")
            }
          }
        }
      }
    } catch {
      // A connection that ended, a fault, or a start that was refused.
    }
    guard let process = daemon.process else { return "before it began" }
    let ending: Ending?
    if process.isRunning {
      process.send(SIGTERM)
      ending = process.wait(seconds: 60)
    } else {
      ending = process.ending
    }
    switch ending {
    case .exit(let code):
      // docs/operations.md: 0 done, 65 data, 69 port, 70 defect, 74 disk, 75 lock, 77 permission, 78 configuration.
      #expect([0, 65, 69, 74, 77].contains(code), "\(about): exit \(code): \(daemon.log)")
      if code != 0 { #expect(daemon.log.contains("/"), "\(about): no file is named: \(daemon.log)") }
      return "exit \(code)"
    case .signal(SIGKILL): return "killed"
    case .signal(let signal):
      #expect(mayDie, "\(about): signal \(signal): \(daemon.log)")
      return "signal \(signal)"
    case nil:
      Issue.record("\(about): it does not end: \(daemon.log)")
      daemon.kill()
      return "never"
    }
  }

  private func ask(_ daemon: Daemon, _ request: Request, _ about: Comment) throws {
    do { _ = try daemon.connect().call(request) } catch let fault as Fault {
      #expect(!fault.message.isEmpty && fault.reason != .internalError, "\(about): \(fault)")
    }
  }
}
