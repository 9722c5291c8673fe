import Engine
import Foundation
import Testing
import Vocabulary

/// The trainer is played by shell scripts here; tests of the whole product run the real one.
struct TrainingTests {
  private func train(_ rig: EngineRig) async -> Result<UInt64, Fault> {
    await rig.call(.train(TrainRequest())).map { reply in
      if case .train(let train) = reply { train.generation.value } else { 0 }
    }
  }

  private func reason(_ result: Result<UInt64, Fault>) -> FaultReason? {
    if case .failure(let fault) = result { return fault.reason }
    return nil
  }

  @Test func aGoodGenerationIsServedAndSurvivesARestart() async throws {
    let rig = try EngineRig()
    _ = await rig.ingest([("u", "a"), ("v", "b"), ("w", "c")])
    try rig.trainerThatMakes(1, items: ["c", "a", "b"])
    #expect(try await train(rig).get() == 1)
    let training = try await rig.trained()
    #expect(training.state == .succeeded, "\(training.message)")
    #expect(training.generation == GenerationNumber(1))
    #expect(training.fraction == 1)
    #expect(training.finished >= training.started)
    for round in 0..<2 {
      let slate = try #require(await rig.recommend("stranger").slate)
      #expect(slate.generation == GenerationNumber(1), "round \(round)")
      #expect(slate.ids.first == "c", "the most popular of the generation")
      #expect(!slate.fallbacks.contains(.noGeneration))
      #expect(try await rig.status().tenants[0].trainedTo == Position(1))
      try rig.restart()
    }
  }

  @Test func aFailureIsKeptInStatusAndNothingElseHappens() async throws {
    let cases: [(script: String, state: String)] = [
      ("echo '{\"error\":\"too little\",\"reason\":\"no_training_data\"}'; exit 66", "too little"),
      ("echo boom >&2; exit 3", "boom"),
      ("exit 4", "exit code 4"),
      ("echo '{\"stage\":\"read\",\"fraction\":0.1}'; exit 0", "exit code 0"),
      ("kill -SEGV $$", "signal 11"),
      ("echo '{\"done\":true,\"generation\":1}'", "not served"),
    ]
    for (script, expected) in cases {
      let rig = try EngineRig()
      _ = await rig.ingest([("u", "a")])
      try rig.trainer(script)
      #expect(try await train(rig).get() == 1, "\(script)")
      let training = try await rig.trained()
      #expect(training.state == .failed, "\(script)")
      #expect(training.message.contains(expected), "\(script): \(training.message)")
      #expect(await rig.recommend("u").slate?.generation == GenerationNumber.none)
    }
  }

  /// It says something, then hangs; what it started hangs with it.
  @Test func aTrainerThatSaysNothingIsKilled() async throws {
    let rig = try EngineRig { $0.training.silenceSeconds = 1 }
    _ = await rig.ingest([("u", "a")])
    try rig.trainer(
      "echo '{\"stage\":\"read\",\"fraction\":0.1}'; echo $$ > \(rig.root)/pid; trap '' TERM; sleep 600 & wait"
    )
    #expect(try await train(rig).get() == 1)
    let training = try await rig.trained()
    #expect(training.state == .failed)
    #expect(training.message.contains("said nothing for 1 seconds"), "\(training.message)")
    let pid = try String(contentsOfFile: rig.root + "/pid", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(kill(try #require(pid_t(pid)), 0) == -1, "it lives on")
    #expect(await rig.recommend("stranger").slate?.items.isEmpty == false)
  }

  @Test func whatCannotBeginIsRefused() async throws {
    let rig = try EngineRig()
    #expect(reason(await train(rig)) == .noTrainingData)
    _ = await rig.ingest([("u", "a")])
    #expect(reason(await train(rig)) == .trainingFailed, "there is no trainer")
    #expect(try await rig.status().tenants[0].training.state == .failed)
    try rig.trainer("sleep 60")
    #expect(try await train(rig).get() == 2, "numbers are never taken twice")
    #expect(reason(await train(rig)) == .trainingBusy)
    #expect(try await rig.status().tenants[0].training.state == .running)
  }

  @Test func progressIsShownAndNonsenseIsNot() async throws {
    let rig = try EngineRig()
    _ = await rig.ingest([("u", "a")])
    try rig.trainer(
      """
      head -c 3000000 /dev/zero; echo
      echo 'not json'; echo '{"stage":'; echo '{"stage":"x","fraction":"much"}'
      echo '{"stage":"ials","fraction":0.41}'
      sleep 60
      """)
    _ = await train(rig)
    for _ in 0..<2_000 where try await rig.status().tenants[0].training.stage != "ials" {
      try await Task.sleep(for: .milliseconds(10))
    }
    let training = try await rig.status().tenants[0].training
    #expect(training.stage == "ials")
    #expect(training.fraction == 0.41)
  }

  @Test(arguments: ["sleep 600", "trap '' TERM; while :; do sleep 1; done"])
  func stoppingEndsTheTrainer(_ script: String) async throws {
    let rig = try EngineRig()
    _ = await rig.ingest([("u", "a")])
    try rig.trainer("echo $$ > '\(rig.root)/pid'\necho '{\"stage\":\"here\",\"fraction\":0}'\n" + script)
    _ = await train(rig)
    for _ in 0..<2_000 where try await rig.status().tenants[0].training.stage != "here" {
      try await Task.sleep(for: .milliseconds(10))
    }
    let text = try String(contentsOfFile: rig.root + "/pid", encoding: .utf8)
    let pid = try #require(pid_t(text.split(separator: "\n")[0]))
    #expect(kill(pid, 0) == 0)
    let clock = ContinuousClock.now
    rig.engine.stop()
    #expect(ContinuousClock.now - clock < .seconds(15))
    #expect(kill(pid, 0) == -1, "the trainer is gone, and reaped")
  }

  @Test func generationsAreSwitchedRolledBackAndPruned() async throws {
    let rig = try EngineRig { $0.training.keepGenerations = 2 }
    _ = await rig.ingest([("u", "a"), ("v", "b")])
    for number: UInt64 in 1...3 {
      try rig.trainerThatMakes(number, items: number % 2 == 0 ? ["a", "b"] : ["b", "a"])
      _ = await train(rig)
      let training = try await rig.trained()
      #expect(training.state == .succeeded, "\(training.message)")
    }
    func shown(_ list: [GenerationSummary]) -> [String] {
      list.map { "\($0.number.value)\($0.isServing ? "*" : "")" }
    }
    #expect(shown(try await rig.generations().get()) == ["3*", "2"])
    #expect(shown(try await rig.generations(.rollback).get()) == ["3", "2*"])
    #expect(await rig.recommend("stranger").slate?.ids == ["a", "b"])
    await #expect(throws: Fault.self) { try shownFault(await rig.generations(.rollback)) }
    #expect(shown(try await rig.generations(.promote, 3).get()) == ["3*", "2"])
    #expect(await rig.recommend("stranger").slate?.ids == ["b", "a"])
    for unknown: UInt64 in [0, 1, 9, .max] {
      guard case .failure(let fault) = await rig.generations(.promote, unknown) else {
        Issue.record("\(unknown) was promoted")
        continue
      }
      #expect(fault.reason == .generationUnknown, "\(unknown): \(fault.message)")
    }
    // A damaged one is refused, and when it is the promoted one, the next start falls back.
    let file = rig.root + "/data/generations/default/000003/popularity.scores.f32"
    let folder = rig.root + "/data/generations/default/000003"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let victim = folder + "/" + (names.first { $0.contains("popularity") } ?? "")
    #expect(victim != folder + "/", "\(names) \(file)")
    var bytes = try Data(contentsOf: URL(filePath: victim))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(filePath: victim))
    guard case .failure(let fault) = await rig.generations(.promote, 3) else {
      Issue.record("a damaged generation was promoted")
      return
    }
    #expect(fault.reason == .generationInvalid)
    try rig.restart()
    #expect(await rig.recommend("stranger").slate?.generation == GenerationNumber(2))
  }

  private func shownFault(_ result: Result<[GenerationSummary], Fault>) throws { _ = try result.get() }

  @Test func aScheduleTrainsByItself() async throws {
    let rig = try EngineRig { $0.training.everySeconds = 1 }
    try rig.trainerThatMakes(1, items: ["a"])
    _ = await rig.ingest([("u", "a")])
    for _ in 0..<1_000 where try await rig.status().tenants[0].generation == .none {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await rig.status().tenants[0].generation == GenerationNumber(1))
  }

  @Test func theScheduleWaitsForItsTimeAndForEvents() {
    let attempt = TrainingSchedule.Attempt(seconds: 1_000, through: Position(5))
    #expect(!attempt.isDue(at: 1_059, everySeconds: 60, position: Position(9)))
    #expect(attempt.isDue(at: 1_060, everySeconds: 60, position: Position(9)))
    #expect(!attempt.isDue(at: 9_999, everySeconds: 60, position: Position(5)), "nothing new")
    #expect(attempt.isDue(at: 10, everySeconds: 60, position: Position(9)), "the clock went back")
    let never = TrainingSchedule.Attempt(seconds: nil, through: .zero)
    #expect(never.isDue(at: 0, everySeconds: 60, position: Position(1)))
    #expect(!never.isDue(at: 0, everySeconds: 60, position: .zero))
  }

  @Test func everySettingIsPassedToTheTrainer() throws {
    var settings = TrainingSettings()
    settings.factors = 33
    // As the configuration says it of a setting that it holds a value for.
    settings.given = [.factors]
    settings.weights[.hide] = -2.5
    let flags = TrainerFlags.render(
      settings, data: "/a b", tenant: try TenantName("shop"), generation: GenerationNumber(7),
      through: Position(9), serving: GenerationNumber(6))
    for expected in [
      "--data=/a b", "--tenant=shop", "--generation=7", "--through=9", "--serving=6", "--gate=on",
      "--gate-margin=0.02", "--factors=33", "--progress=json",
      "--die-with-parent=\(getpid())", "--hold-out=0.1",
    ] {
      #expect(flags.contains(expected), "\(expected) in \(flags)")
    }
    #expect(flags.contains { $0.hasPrefix("--weights=") && $0.contains("hide=-2.5") })
  }
}
