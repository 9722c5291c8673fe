import Foundation
import Simulation
import Storage
import Testing
import Vocabulary

/// One system call fails, and for every call there is: whatever was acknowledged is there afterwards, once, and what was
/// said of the failure is true (the idea is SQLite's; docs/faults.md, "Fail the Nth").
struct SweepTests {
  @Test(arguments: [
    SimulatedDisk.Failure.error(EIO), .error(ENOSPC), .death,
  ])
  func everyCallFailsOnce(_ failure: SimulatedDisk.Failure) throws { try sweep(failure, forGood: false) }

  /// The disk is gone from that call on.
  @Test func everyCallFailsAndAllAfterIt() throws { try sweep(.error(EIO), forGood: true) }

  private func sweep(_ failure: SimulatedDisk.Failure, forGood: Bool) throws {
    var number = 0
    // All of them with MAGPIE_SIMULATION_SWEEP=all; else, behind the first 200, every fifth.
    let isWhole = ProcessInfo.processInfo.environment["MAGPIE_SIMULATION_SWEEP"] == "all"
    var runs = 0
    var kinds: [SimulatedDisk.Kind: Int] = [:]
    while true {
      number += isWhole || number < 200 ? 1 : 5
      runs += 1
      let world = World(seed: 42)
      world.tidiesAlways = true
      world.disk.plan = .nth(number, failure, forGood: forGood)
      do {
        try story(world)
        guard let failed = world.disk.everFailed else { break }
        kinds[failed, default: 0] += 1
        world.end(number % 2 == 0 ? .kill : .powerLoss)
        world.disk.capacity = .max
        if try !world.isInitialized() { try world.initialize() }
        try world.startAgain()
        try world.check()
        // And it works again.
        world.send()
        try world.commit()
        try world.store()
        world.end(.stop)
        try world.startAgain()
        try world.check()
      } catch {
        Issue.record(
          "\(failure), call \(number), \(world.disk.everFailed?.rawValue ?? "none"): \(error)\n\(world.trace.joined(separator: "\n"))"
        )
        if number > 5_000 { break }
      }
    }
    print(
      "sweep: \(failure)\(forGood ? " for good" : ""): \(runs - 1) of about \(number - 1) calls, \(kinds.map { "\($0.key.rawValue) \($0.value)" }.sorted())"
    )
    #expect(number > 300)
    // Some kinds are called once or twice, where a part of the sweep may step over them.
    #expect(kinds.count >= (isWhole ? 9 : 8))
  }

  /// Everything the storage core does, once: a new directory, ingest, storing, sealing, a snapshot, pruning, a restart, a
  /// damaged state made anew, a restore. Ends early where the daemon does.
  private func story(_ world: World) throws {
    try world.initialize()
    try world.startAgain()
    for round in 1...3 {
      for _ in 1...3 { world.send() }
      try world.commit()
      if world.disk.isDead { return }
      if round == 2 { try world.store() }
      try world.seal()
    }
    try world.snapshot()
    world.send()
    try world.commit()
    if world.disk.isDead { return }
    world.end(.stop)
    // A start after a failure may come back with more than was acknowledged, which the caller looks at.
    if world.disk.everFailed != nil { return }
    world.disk.damage(World.root + "/state/CURRENT") { $0 = [] }
    try world.startAgain()
    if world.disk.isDead { return }
    world.send()
    try world.commit()
    try world.store()
    if world.disk.isDead { return }
    try world.restore()
    if world.disk.isDead { return }
    world.end(.stop)
    if world.disk.everFailed != nil { return }
    try world.startAgain()
    world.end(.stop)
  }
}
