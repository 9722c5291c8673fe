import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// `kill -9` at bad moments: of the trainer in each of its stages, of the daemon in the middle of a switch.
  @Suite struct GenerationKillTests {
    @Test("A trainer killed at any stage leaves nothing half done, and the next one starts clean")
    func killedTrainers() async throws {
      let seed = testSeed()
      try await onThread {
        var chance = SeededGenerator(seed: seed)
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<8, seed: seed)
        let first = try GroupedShop.train(daemon)
        #expect(first.state == .succeeded, "\(first.message)")
        let through = try daemon.status().tenants.first?.trainedTo.value ?? 0
        let shelf = daemon.data + "/generations/default"
        let stages = try stagesOfARun(daemon, generation: 2, through: through)
        #expect(stages.count >= 7, "\(stages)")
        let whole = try FileManager.default.contentsOfDirectory(atPath: shelf + "/000002").sorted()
        try FileManager.default.removeItem(atPath: shelf + "/000002")

        var kills = 0
        var finished = 0
        for round in 0..<3 {
          for stage in stages {
            let number = UInt64(10 + kills)
            let output = "train-\(number).out"
            let process = try ChildProcess(
              Programs.path("magpie-train"), trainerArguments(daemon, number, through),
              output: daemon.workplace.file(output), errors: daemon.workplace.file("train.err"))
            while process.isRunning, !daemon.workplace.read(output).contains("\"\(stage)\"") { usleep(200) }
            usleep(UInt32.random(in: 0...(round == 0 ? 1_000 : 30_000), using: &chance))
            process.kill()
            kills += 1
            if process.ending == .exit(0) { finished += 1 }
            // Whole or not there.
            let directory = shelf + "/00" + String(format: "%04d", number)
            if FileManager.default.fileExists(atPath: directory) {
              let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
              #expect(files == whole, "seed \(seed), kill \(kills) in \(stage)")
            }
            #expect(
              try FileManager.default.destinationOfSymbolicLink(atPath: shelf + "/current") == "000001",
              "a trainer promotes nothing")
          }
        }
        #expect(kills >= 20, "\(kills) kills, \(finished) of them too late")
        #expect(finished < kills / 2, "seed \(seed): most kills must hit a run")
        // What is whole can be served; the daemon never noticed.
        #expect(try daemon.status().tenants.first?.generation.value == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: shelf)
        for name in names {
          guard let number = UInt64(name), number > 1 else { continue }
          var request = GenerationsRequest()
          (request.action, request.generation, request.force) = (.promote, number, true)
          _ = try daemon.connect().call(.generations(request))
          #expect(try daemon.status().tenants.first?.generation.value == number)
        }
        let last = try GroupedShop.train(daemon)
        #expect(last.state == .succeeded, "seed \(seed): \(last.message)")
        let left = try FileManager.default.contentsOfDirectory(atPath: shelf)
        #expect(!left.contains { $0.hasSuffix(".partial") || $0.hasSuffix(".removing") }, "\(left)")
      }
    }

    @Test("A daemon killed while it switches serves one of both after the start, never none")
    func killedSwitch() async throws {
      let seed = testSeed()
      try await onThread {
        var chance = SeededGenerator(seed: seed)
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<8, seed: seed)
        for _ in 0..<2 { #expect(try GroupedShop.train(daemon).state == .succeeded) }
        let shelf = daemon.data + "/generations/default"
        for round in 0..<20 {
          let connection = try daemon.connect()
          // Switches follow each other without pause; the kill falls into one of them.
          let wait = UInt32.random(in: 0...8_000, using: &chance)
          let pid = try daemon.running().pid
          let killer = Thread {
            usleep(wait)
            _ = Glibc.kill(pid, SIGKILL)
          }
          killer.start()
          var switches = 0
          do {
            while true {
              var request = GenerationsRequest()
              (request.action, request.generation, request.force) = (.promote, UInt64(1 + switches % 2), true)
              _ = try connection.call(.generations(request))
              switches += 1
            }
          } catch is ConnectionClosed {}
          daemon.kill()
          let link = try FileManager.default.destinationOfSymbolicLink(atPath: shelf + "/current")
          #expect(link == "000001" || link == "000002", "seed \(seed), round \(round): \(link)")
          try daemon.start()
          let serving = try daemon.status().tenants.first?.generation.value
          #expect(serving == UInt64(link), "seed \(seed), round \(round), after \(switches) switches")
        }
      }
    }
  }
}

private func trainerArguments(_ daemon: Daemon, _ number: UInt64, _ through: UInt64) -> [String] {
  [
    "--data", daemon.data, "--generation", "\(number)", "--through", "\(through)", "--progress", "json",
    "--factors", "64", "--iterations", "20",
  ]
}

/// The stages that a run reports, in order, with the generation made.
private func stagesOfARun(_ daemon: Daemon, generation: UInt64, through: UInt64) throws -> [String] {
  let finished = try Programs.run(
    "magpie-train", trainerArguments(daemon, generation, through), in: daemon.workplace)
  guard finished.ending == .exit(0) else { throw HarnessFailure("\(finished.ending): \(finished.errors)") }
  var stages: [String] = []
  for line in finished.output.split(separator: "\n") {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    if let stage = object?["stage"] as? String, stages.last != stage { stages.append(stage) }
  }
  return stages
}
