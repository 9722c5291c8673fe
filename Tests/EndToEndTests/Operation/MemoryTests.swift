import Foundation
import Testing
import Training
import Vocabulary

extension EndToEnd {
  /// The memory of a training run: bounded by the formula, refused before it is taken, explained where the system refuses.
  @Suite(.enabled(if: !Sanitizer.isOn, "a sanitizer's own memory is in no formula"))
  struct MemoryTests {
    struct Size: CustomTestStringConvertible, Sendable {
      var events: Int
      var users: Int
      var items: Int
      var factors = 32
      var neighbours = 50
      var threads = 2
      var blend = false

      var testDescription: String { "\(events) events, \(users) users, \(items) items, \(factors) factors" }

      var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.factors = factors
        settings.neighbours = neighbours
        settings.threads = threads
        settings.blend = blend
        settings.linear = blend
        settings.userNeighbours = blend
        settings.gate = blend ? .on : .off
        return settings
      }

      func flags(_ data: String, generation: Int = 1) -> [String] {
        [
          "--data", data, "--generation", "\(generation)", "--through", "\(events)", "--factors",
          "\(factors)",
          "--neighbours", "\(neighbours)", "--threads", "\(threads)", "--blend", blend ? "on" : "off",
          "--linear", blend ? "auto" : "off", "--user-neighbours", blend ? "auto" : "off",
          "--gate", blend ? "on" : "off",
          "--iterations", "2", "--progress", "json",
        ]
      }
    }

    private static let sizes = [
      Size(events: 20_000, users: 1_000, items: 500, blend: true),
      Size(events: 200_000, users: 8_000, items: 20_000, factors: 64, neighbours: 200),
      Size(events: 300_000, users: 60_000, items: 3_000, factors: 128, blend: true),
      Size(events: 2_000_000, users: 60_000, items: 10_000),
    ]

    @Test("The formula bounds the peak, and not by much", arguments: sizes)
    func formula(_ size: Size) async throws {
      let seed = testSeed()
      try await onThread {
        let workplace = try Workplace()
        let data = workplace.file("data")
        let identifierBytes = try SyntheticLog(
          events: size.events, users: size.users, items: size.items, seed: seed
        ).write(to: data)
        let outcome = try TrainerProcess.run(size.flags(data), in: workplace)
        #expect(outcome.ending == .exit(0), "\(outcome.output.suffix(300)) \(outcome.errors)")
        let stated = max(
          MemoryFormula.reading(
            events: size.events, users: size.users, items: size.items, identifierBytes: identifierBytes),
          // As many pairs as events at most.
          FamilyPlan(
            events: size.events, users: size.users, items: size.items, pairs: size.events,
            identifierBytes: identifierBytes, repeatShare: 0, settings: size.settings
          ).bytes)
        let peak = UInt64(outcome.peakBytes)
        #expect(peak <= stated, "seed \(seed): peak \(peak), stated \(stated)")
        // The program alone takes some 40 MiB of its 192; what the data take is stated with at most four times as much,
        // because the formula adds up what different steps need.
        let (ours, itsOwn) = (stated - MemoryFormula.overhead, max(peak, 40 << 20) - (40 << 20))
        #expect(ours <= 4 * itsOwn + (32 << 20), "seed \(seed): peak \(peak), stated \(stated)")
      }
    }

    @Test("A limit below the need is refused with the numbers, exit code 69, and nothing is left behind")
    func limits() async throws {
      try await onThread {
        let size = Size(events: 30_000, users: 1_000, items: 4_000)
        let workplace = try Workplace()
        let data = workplace.file("data")
        let identifierBytes = try SyntheticLog(
          events: size.events, users: size.users, items: size.items, seed: 5
        ).write(to: data)
        // Users and items that the log names, as the trainer counts them.
        let fits = try TrainerProcess.run(size.flags(data), in: workplace)
        #expect(fits.ending == .exit(0), "\(fits.errors)")
        let manifest = try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(fileURLWithPath: data + "/generations/default/000001/manifest.json")))
        let counts = try require(manifest as? [String: Any], "no manifest")
        func count(_ key: String) -> Int { (counts[key] as? NSNumber)?.intValue ?? 0 }
        let needed = MemoryFormula.training(
          events: count("events"), users: count("users"), items: count("items"),
          identifierBytes: identifierBytes, dimensions: size.factors, settings: size.settings)

        for (number, limit) in [0, 1 << 20, 192 << 20, needed - 1].enumerated() {
          let refused = try TrainerProcess.run(
            size.flags(data, generation: number + 2) + ["--memory-limit", "\(limit)"], in: workplace)
          #expect(refused.ending == .exit(69), "\(limit): \(refused.errors)")
          #expect(refused.last["reason"] as? String == "memory_limit", "\(limit): \(refused.output)")
          let message = refused.last["error"] as? String ?? ""
          #expect(message.contains("\(limit)"), "\(message)")
          #expect(message.contains("aise"), "what to do: \(message)")
          if limit == needed - 1 {
            #expect(message.contains("Raise it to \(needed) or more"), "\(message)")
            #expect(message.contains("neighbours"), "the largest term: \(message)")
          }
          // What was refused took no more than the program itself.
          #expect(refused.peakBytes < 192 << 20)
        }
        let enough = try TrainerProcess.run(
          size.flags(data, generation: 9) + ["--memory-limit", "\(needed)"], in: workplace)
        #expect(enough.ending == .exit(0), "\(enough.output.suffix(300))")
        let left = try FileManager.default.contentsOfDirectory(atPath: data + "/generations/default")
        #expect(left.sorted() == ["000001", "000009", "training.lock"], "\(left)")
      }
    }

    @Test("A system that grants less than the limit is believed before anything is taken")
    func grants() async throws {
      try await onThread {
        let size = Size(events: 100_000, users: 4_000, items: 20_000, neighbours: 512)
        let workplace = try Workplace()
        let data = workplace.file("data")
        _ = try SyntheticLog(events: size.events, users: size.users, items: size.items, seed: 6).write(
          to: data)
        // Too little for the libraries; enough for them, but not for the tables.
        for (kibibytes, says) in [(200_000, "grants"), (1_300_000, "Raise it to")] {
          let refused = try TrainerProcess.run(size.flags(data), in: workplace, ulimitKiB: kibibytes)
          #expect(refused.ending == .exit(69), "\(kibibytes): \(refused.ending) \(refused.errors)")
          #expect(refused.last["reason"] as? String == "memory_limit", "\(refused.output.suffix(300))")
          #expect((refused.last["error"] as? String)?.contains(says) == true, "\(refused.output.suffix(600))")
        }
        let again = try TrainerProcess.run(size.flags(data), in: workplace, ulimitKiB: 4_000_000)
        #expect(again.ending == .exit(0), "\(again.errors)")
      }
    }

    @Test(
      "Memory that the system refuses in the middle ends the trainer with a reason, and the next run is clean"
    )
    func exhaustion() async throws {
      try await onThread {
        let size = Size(events: 600_000, users: 100_000, items: 20_000)
        let workplace = try Workplace()
        let data = workplace.file("data")
        _ = try SyntheticLog(events: size.events, users: size.users, items: size.items, seed: 7).write(
          to: data)
        // While it reads, the grant is cut to what it has.
        var isCut = false
        let refused = try TrainerProcess.run(size.flags(data), in: workplace) { process, output in
          guard !isCut, output.contains("\"read\"") else { return }
          isCut = true
          let cut = try? ChildProcess(
            "/usr/bin/prlimit", ["--pid", "\(process.pid)", "--data=1000000:1000000"],
            output: workplace.file("cut.out"), errors: workplace.file("cut.err"))
          _ = cut?.wait(seconds: 10)
        }
        #expect(isCut)
        #expect(
          refused.ending == .exit(69), "\(refused.ending) \(refused.output.suffix(200)) \(refused.errors)")
        #expect(refused.last["reason"] as? String == "memory_limit", "\(refused.output.suffix(300))")
        #expect((refused.last["error"] as? String)?.contains("The system refused memory") == true)
        let again = try TrainerProcess.run(size.flags(data), in: workplace)
        #expect(again.ending == .exit(0), "\(again.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: data + "/generations/default")
        #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
      }
    }
  }
}
