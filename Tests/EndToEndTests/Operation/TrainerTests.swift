import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// The trainer may crash, hang or be killed: serving does not notice.
  @Suite struct TrainerTests {
    @Test("A trainer killed in the middle leaves the old generation serving; the next training succeeds")
    func killedTrainer() async throws {
      let seed = testSeed()
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        // Long enough to be hit in the middle.
        daemon.arguments = ["--set", "training.iterations=400", "--set", "training.factors=128"]
        try daemon.start()
        try fill(daemon, seed: seed)

        daemon.arguments = []
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        let first = try train(daemon)
        #expect(first.state == .succeeded, "\(first.message)")
        let before = try recommend(daemon)
        #expect(before.generation.value > 0)
        #expect(before.items.count == 10)

        // Again, slowly, and with a kill.
        #expect(try daemon.stop() == .exit(0))
        daemon.arguments = ["--set", "training.iterations=1000", "--set", "training.factors=256"]
        try daemon.start()
        guard case .train = try daemon.connect().call(.train(TrainRequest())) else { return }
        var trainer: pid_t?
        for _ in 0..<2_000 where trainer == nil {
          trainer = try daemon.running().children(named: "magpie-train").first
          usleep(1_000)
        }
        usleep(200_000)
        let pid = try require(trainer, "no magpie-train was started")
        // A second request is refused while one runs.
        #expect { try daemon.connect().call(.train(TrainRequest())) } throws: {
          ($0 as? Fault)?.reason == .trainingBusy
        }
        #expect(Glibc.kill(pid, SIGKILL) == 0)
        let killed = try waitForTraining(daemon)
        #expect(killed.state == .failed)
        #expect(!killed.message.isEmpty)
        let after = try recommend(daemon)
        #expect(after.generation == before.generation)
        #expect(after.items == before.items)

        // Nothing is in the way of the next one.
        #expect(try daemon.stop() == .exit(0))
        daemon.arguments = []
        try daemon.start()
        #expect(try recommend(daemon).generation == before.generation)
        let last = try train(daemon)
        #expect(last.state == .succeeded, "\(last.message)")
        #expect(try recommend(daemon).generation > before.generation)
        let generations = try FileManager.default.contentsOfDirectory(
          atPath: daemon.data + "/generations/default")
        #expect(!generations.contains { $0.hasSuffix(".partial") }, "\(generations)")
      }
    }

    @Test("A killed daemon takes its trainer with it")
    func orphan() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = ["--set", "training.iterations=1000", "--set", "training.factors=256"]
        try daemon.start()
        try fill(daemon, seed: 7)
        guard case .train = try daemon.connect().call(.train(TrainRequest())) else { return }
        var trainer: pid_t?
        for _ in 0..<2_000 where trainer == nil {
          trainer = try daemon.running().children(named: "magpie-train").first
          usleep(1_000)
        }
        let pid = try require(trainer, "no magpie-train was started")
        daemon.kill()
        var isGone = false
        for _ in 0..<5_000 where !isGone {
          isGone = ProcessEntry(pid)?.isAlive != true
          usleep(1_000)
        }
        #expect(isGone, "magpie-train \(pid) outlived the daemon by five seconds")
      }
    }

    @Test("Training without data is refused with a reason")
    func nothingToTrainOn() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        do {
          _ = try daemon.connect().call(.train(TrainRequest()))
          let status = try waitForTraining(daemon)
          #expect(status.state == .failed)
          #expect(!status.message.isEmpty)
        } catch let fault as Fault {
          #expect(fault.reason == .noTrainingData)
        }
        #expect(try daemon.status().state == .ready)
      }
    }
  }
}

/// Some thousand purchases with a little structure: each user buys within a group of items.
private func fill(_ daemon: Daemon, seed: UInt64) throws {
  var generator = SeededGenerator(seed: seed)
  let connection = try daemon.connect()
  let start: Int64 = 1_700_000_000_000_000
  for batch in 0..<10 {
    let events = (0..<1_000).map { index in
      let number = batch * 1_000 + index
      let user = Int.random(in: 0..<300, using: &generator)
      var event = EventDraft()
      event.id = Array("purchase-\(number)".utf8)
      event.type = Int32(EventType.purchase.rawValue)
      event.user = Array("user-\(user)".utf8)
      event.item = Array("item-\((user % 10) * 30 + Int.random(in: 0..<30, using: &generator))".utf8)
      event.timeMicroseconds = start + Int64(number) * 60_000_000
      return event
    }
    for verdict in try connection.ingest(events).verdicts {
      guard case .accepted = verdict else { throw HarnessFailure("an event was not accepted: \(verdict)") }
    }
  }
}

private func waitForTraining(_ daemon: Daemon) throws -> TrainingStatus {
  let connection = try daemon.connect()
  let deadline = Date(timeIntervalSinceNow: 120)
  while Date() < deadline {
    guard case .status(let report) = try connection.call(.status(StatusRequest())) else { break }
    let training = try require(report.tenants.first, "no tenant in Status").training
    if training.state != .running { return training }
    usleep(10_000)
  }
  throw HarnessFailure("training does not end: \(daemon.log)")
}

private func train(_ daemon: Daemon) throws -> TrainingStatus {
  _ = try daemon.connect().call(.train(TrainRequest()))
  return try waitForTraining(daemon)
}

private func recommend(_ daemon: Daemon) throws -> Slate {
  var request = RecommendRequest()
  request.user = Array("user-1".utf8)
  request.k = 10
  request.seed = 1
  guard case .recommend(let slate) = try daemon.connect().call(.recommend(request)) else {
    throw HarnessFailure("the reply to Recommend is another one")
  }
  return slate
}
