import Loading
import Testing
import Vocabulary

/// Real runs against the product's server on loopback.
struct LoadRunTests {
  @Test func everyRequestIsAccountedFor() async throws {
    try await LoadTarget.run { target in
      let plan = try target.plan(
        mix: "recommend=4,ingest=2,similar=1,complete=1,check=1", rate: 500, seconds: 1)
      let measured = try await LoadRun.measure(plan)
      let total = measured.total
      #expect(total.offered == 500)
      #expect(total.sent == 500 && total.ok == 500)
      #expect(total.unsent == 0 && total.shed == 0 && total.timedOut == 0 && total.errorCount == 0)
      #expect(total.intended.count == 500 && total.service.count == 500)
      #expect(target.handler.requestCount == 500)
      #expect(measured.seconds.reduce(0) { $0 + $1.ok } == 500)
      let events = measured.tallies[LoadMethod.ingest.rawValue].ok
      #expect(events > 0 && UInt64(target.handler.eventCount) == events && measured.eventsSent == events)
      #expect(measured.slatesSampled > 0 && measured.slatesEmpty == measured.slatesSampled)
    }
  }

  @Test func warmUpIsNotCounted() async throws {
    try await LoadTarget.run { target in
      var plan = try target.plan(mix: "check", rate: 400, seconds: 0.5)
      plan.warmupSeconds = 0.5
      let measured = try await LoadRun.measure(plan)
      #expect(measured.total.offered == 200)
      #expect(target.handler.requestCount == 400)
    }
  }

  /// Coordinated omission: the daemon answers nothing for 0.5 s. With one request under way at a time only a single
  /// request is slow by the clock that starts when it is sent, so service time looks fine almost everywhere. A
  /// quarter of all users waited all the same, and latency from the intended moment says so.
  @Test func aStallIsSeenByEveryoneWhoWasMeantToAskDuringIt() async throws {
    try await LoadTarget.run(.stall(after: 0.4, for: 0.5)) { target in
      var plan = try target.plan(mix: "check", rate: 200, seconds: 2)
      plan.connections = 1
      plan.inFlightPerConnection = 1
      let measured = try await LoadRun.measure(plan)
      let total = measured.total
      #expect(total.offered == 400)
      #expect(total.ok + total.unsent == 400)
      // 100 requests fell into the stall; the half of them in its first 0.25 s waited more than 0.25 s.
      #expect(total.intended.percentile(88) >= 250_000_000)
      #expect(total.service.percentile(98) < 250_000_000)
      #expect(total.service.max >= 250_000_000)
    }
  }

  @Test func refusalsErrorsAndSilenceAreToldApart() async throws {
    try await LoadTarget.run(.shed(every: 10)) { target in
      let measured = try await LoadRun.measure(try target.plan(mix: "check", rate: 400, seconds: 0.5))
      #expect(measured.total.shed == 20 && measured.total.ok == 180)
      // What was refused is no latency, and no success.
      #expect(measured.total.intended.count == 180)
      #expect(!measured.heldRate)
    }
    try await LoadTarget.run(.fail(every: 20)) { target in
      let measured = try await LoadRun.measure(try target.plan(mix: "check", rate: 400, seconds: 0.5))
      #expect(measured.total.errors == ["item_unknown": 10] && measured.total.ok == 190)
    }
    try await LoadTarget.run(.silence(every: 50)) { target in
      var plan = try target.plan(mix: "check", rate: 400, seconds: 0.5)
      plan.timeoutMilliseconds = 300
      let measured = try await LoadRun.measure(plan)
      #expect(measured.total.timedOut == 4 && measured.total.ok == 196)
      // They count with the time that was wasted on them.
      #expect(measured.total.intended.count == 200)
      #expect(measured.total.intended.max >= 290_000_000)
    }
  }

  @Test func aDaemonThatIsTooSlowLeavesRequestsUnsent() async throws {
    try await LoadTarget.run(.stall(after: 0.1, for: 1)) { target in
      var plan = try target.plan(mix: "check", rate: 200, seconds: 0.8)
      plan.connections = 1
      plan.inFlightPerConnection = 4
      let measured = try await LoadRun.measure(plan)
      #expect(measured.total.offered == 160)
      #expect(measured.total.unsent >= 100)
      #expect(measured.total.sent + measured.total.unsent == 160)
      #expect(!measured.heldRate)
    }
  }

  @Test func aClosedLoopKeepsItsNumberUnderWay() async throws {
    try await LoadTarget.run { target in
      var plan = try target.plan(mix: "check", rate: 1, seconds: 0.5)
      plan.loop = .closed(concurrency: 3)
      let measured = try await LoadRun.measure(plan)
      #expect(measured.total.ok > 10)
      #expect(measured.total.ok == measured.total.sent)
      #expect(measured.seconds.allSatisfy { $0.inFlight <= 3 })
    }
  }

  @Test func nobodyThereIsTold() async throws {
    let port = try await LoadTarget.run { $0.port }
    var plan = LoadPlan(mix: try MethodMix("check"), run: 1, epochMicroseconds: 0)
    plan.port = port
    do {
      _ = try await LoadRun.measure(plan)
      Issue.record("it ran against nobody")
    } catch {
      #expect(error.kind == .daemon)
      #expect(error.message.contains("127.0.0.1:\(port)"))
    }
  }

  @Test func whatMakesNoSenseIsRefusedBeforeAnythingIsSent() throws {
    let base = LoadPlan(mix: try MethodMix("check"), run: 1, epochMicroseconds: 0)
    let changes: [(String, (inout LoadPlan) -> Void)] = [
      ("--rate", { $0.loop = .open(.poisson, rate: 0) }),
      ("--rate", { $0.loop = .open(.poisson, rate: .nan) }),
      ("--concurrency", { $0.loop = .closed(concurrency: 0) }),
      ("--duration", { $0.seconds = 0 }),
      ("--warmup", { $0.warmupSeconds = -1 }),
      ("--connections", { $0.connections = 0 }),
      ("--in-flight", { $0.inFlightPerConnection = Limits.streamsPerConnectionMax + 1 }),
      ("--cold", { $0.coldShare = 1.5 }),
      ("-k", { $0.k = 0 }),
      ("--batch", { $0.batch = 0 }),
      ("--users", { $0.users.count = 0 }),
      ("--zipf-items", { $0.items.exponent = -1 }),
      ("--tenant", { $0.tenant = "no such/name" }),
    ]
    for (flag, change) in changes {
      var plan = base
      change(&plan)
      do throws(LoadFault) {
        try plan.check()
        Issue.record("\(flag) was taken")
      } catch {
        #expect(error.kind == .plan && error.message.contains(flag), "\(flag): \(error.message)")
      }
    }
    try base.check()
  }
}
