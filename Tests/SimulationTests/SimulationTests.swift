import Foundation
import Simulation
import Storage
import Testing
import Vocabulary

/// The storage core (log, state, superblock, snapshots, recovery) on a simulated disk. docs/faults.md says what is simulated.
///
///     MAGPIE_SIMULATION_SEED=17 script/test --filter SimulationTests      one seed, with its steps
///     MAGPIE_SIMULATION_SEEDS=100000 script/test --filter SimulationTests as many as you like
struct SimulationTests {
  static func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  @Test func everySeed() {
    if let seed = Self.number("MAGPIE_SIMULATION_SEED") {
      let world = World(seed: seed)
      let error = Self.run(world)
      print(world.trace.joined(separator: "\n"))
      #expect(error == nil, Comment(rawValue: error ?? ""))
      return
    }
    let seeds = Self.number("MAGPIE_SIMULATION_SEEDS") ?? 2_000
    var (calls, positions, failures) = (0, UInt64(0), 0)
    for seed in 1...seeds {
      let world = World(seed: seed)
      if let error = Self.run(world) {
        failures += 1
        if failures <= 5 {
          Issue.record(
            "seed \(seed): \(error)\nRepeat it: MAGPIE_SIMULATION_SEED=\(seed) script/test --filter SimulationTests"
          )
        }
      }
      calls += world.disk.calls
      positions += world.truth.last
    }
    print("simulation: \(seeds) seeds, \(calls) system calls, \(positions) positions, \(failures) failures")
    #expect(failures == 0)
    // A simulation in which nothing happens proves nothing.
    #expect(positions > 5 * seeds && calls > 100 * Int(seeds))
  }

  private static func run(_ world: World) -> String? {
    do {
      try world.live()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
