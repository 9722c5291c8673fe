import Foundation
import Testing
import Vocabulary

extension EndToEnd {
  /// What can happen to a process: no descriptors left, stopped for a while, a file that vanishes under its feet, a trainer
  /// that goes mad. docs/faults.md, rows 31, 41, 45, 47, 50 and 51.
  @Suite struct ProcessFaultTests {
    @Test(
      "Out of descriptors: who is there is served and may write, and when some are free again others are let in"
    )
    func descriptors() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.launcher = ["/usr/bin/prlimit", "--nofile=72:72"]
        try daemon.start()
        let early = try daemon.connect()
        _ = try early.ingest([Samples.event("early")])
        let pid = try daemon.running().pid
        // The kernel completes these connections whether or not the daemon can take them.
        let crowd = try (0..<150).map { _ in try Visitor.open(port: daemon.port, seconds: 1) }
        usleep(300_000)
        let ticks = try processorTicks(pid)
        usleep(1_000_000)
        // A daemon that tries to accept again and again would burn a core: a hundred ticks.
        #expect(try processorTicks(pid) - ticks < 60, "the daemon spins")
        guard case .accepted = try early.ingest([Samples.event("crowded")]).verdicts[0] else {
          throw HarnessFailure("an event was not accepted")
        }
        var request = RecommendRequest()
        request.user = Array("user".utf8)
        _ = try early.call(.recommend(request))
        #expect(try daemon.running().isRunning)
        for descriptor in crowd { close(descriptor) }
        var isLetIn = false
        for _ in 0..<2_000 where !isLetIn {
          isLetIn = (try? Connection(port: daemon.port, timeoutSeconds: 1).call(.check)) != nil
          usleep(5_000)
        }
        #expect(isLetIn, "\(daemon.log)")
        // The log can begin a segment again, too.
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        #expect(try daemon.stop() == .exit(0))
        daemon.launcher = []
        try daemon.start()
        #expect(try daemon.status().committed == Position(2))
      }
    }

    @Test(
      "Memory that the system refuses: the daemon refuses or ends, and a start has everything acknowledged, once",
      .enabled(if: !Sanitizer.isOn, "a sanitizer needs more than is left here"))
    func refusedMemory() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        _ = try Samples.send("before", to: daemon)
        let process = try daemon.running()
        let used = try require(process.addressBytes, "no address space")
        let limit = try Programs.run(
          "/usr/bin/prlimit", ["--pid", "\(process.pid)", "--as=\(used + (24 << 20))"], in: daemon.workplace)
        #expect(limit.ending == .exit(0), "\(limit.errors)")
        var acknowledged: [String: UInt64] = [:]
        var kept: [String] = []
        var isRefused = false
        let text = Array(String(repeating: "tea cup ", count: 1_000).utf8)
        // Ten times as much as there is room for.
        for round in 0..<300 where !isRefused {
          do {
            let connection = try daemon.connect()
            var request = PutItemsRequest()
            request.items = (0..<100).map { number in
              var item = ItemDraft()
              item.id = Array("item-\(round)-\(number)".utf8)
              item.text = text
              return item
            }
            guard case .putItems(let reply) = try connection.call(.putItems(request)) else { break }
            for (number, verdict) in reply.verdicts.enumerated() {
              if case .accepted = verdict { kept.append("item-\(round)-\(number)") }
            }
            if case .accepted(let position) = try connection.ingest([Samples.event("event-\(round)")])
              .verdicts[0]
            {
              acknowledged["event-\(round)"] = position.value
            }
          } catch let fault as Fault {
            #expect([.resourceExhausted, .unavailable].contains(fault.code), "\(fault)")
            isRefused = true
          } catch {
            // The connection ended, or there is nobody to connect to.
            break
          }
        }
        if isRefused {
          #expect(try Samples.reads(daemon))
          daemon.kill()
        } else {
          guard case .signal(let signal)? = process.wait(seconds: 30) else {
            throw HarnessFailure("it neither refuses nor ends: \(daemon.log)")
          }
          print("refused memory: ended by signal \(signal) after \(kept.count) items")
          #expect([SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS].contains(signal))
        }
        #expect(!kept.isEmpty && !acknowledged.isEmpty)
        try daemon.start()
        #expect(try Samples.missing(acknowledged, in: daemon).isEmpty)
        for start in stride(from: 0, to: kept.count, by: 50) {
          var request = GetItemsRequest()
          let names = kept[start..<min(start + 50, kept.count)]
          request.items = names.map { Array($0.utf8) }
          guard case .getItems(let reply) = try daemon.connect().call(.getItems(request)) else {
            throw HarnessFailure("not a reply to GetItems")
          }
          for (name, report) in zip(names, reply.items) {
            #expect(report.item.map { Array($0.text.utf8) } == text, "\(name)")
          }
        }
      }
    }

    @Test("Stopped for a while and let go on: what waited is answered, and everything works as before")
    func stopped() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let connection = try daemon.connect()
        let process = try daemon.running()
        process.send(SIGSTOP)
        var streams = Set<UInt32>()
        for number in 0..<50 {
          var request = IngestEventsRequest()
          request.events = [Samples.event("waited-\(number)")]
          // Every other one gives up before the daemon wakes.
          streams.insert(
            try connection.send(.ingestEvents(request), timeoutMilliseconds: number % 2 == 0 ? 100 : 0))
        }
        usleep(2_000_000)
        process.send(SIGCONT)
        var taken = 0
        while !streams.isEmpty {
          let frame = try connection.receiveFrame()
          #expect(frame.type == ReceivedFrame.reply)
          streams.remove(frame.stream)
          if frame.code == 0 { taken += 1 }
        }
        #expect(taken >= 25, "those who waited are served")
        // Who gave up may have been committed a moment later: that is what giving up means.
        #expect(try (taken...50).contains(Int(daemon.status().committed.value)))
        #expect(try Samples.reads(daemon))
      }
    }

    @Test(
      "A disk that takes a second to sync: reads do not wait, writers who give up are told, nothing is lost")
    func slowSync() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.environment = try FaultShim.environment(["SHIM_SYNC_DELAY_US": "1000000"])
        daemon.arguments = ["--set", "store_interval_milliseconds=60000"]
        try daemon.start()
        let writers = (0..<8).map { number in
          Worker { [port = daemon.port] () -> Bool in
            let connection = try Connection(port: port)
            var request = IngestEventsRequest()
            request.events = [Samples.event("slow-\(number)")]
            do {
              _ = try connection.call(.ingestEvents(request), timeoutMilliseconds: number < 4 ? 100 : 0)
              return true
            } catch let fault as Fault where fault.reason == .deadlineExceeded {
              return false
            }
          }
        }
        // While they wait for the disk, a hundred lists are answered in turn.
        for _ in 0..<100 { #expect(try Samples.reads(daemon)) }
        var acknowledged = 0
        for (number, writer) in writers.enumerated() where try writer.join() {
          acknowledged += 1
          #expect(number >= 4, "a deadline of 100 ms cannot be kept by this disk")
        }
        #expect(acknowledged == 4, "those with patience are served")
        daemon.kill()
        daemon.environment = [:]
        try daemon.start()
        for number in 4..<8 {
          guard case .duplicate = try daemon.connect().ingest([Samples.event("slow-\(number)")]).verdicts[0]
          else {
            Issue.record("slow-\(number) is lost")
            continue
          }
        }
      }
    }

    @Test(
      "A model file cut short under the daemon's feet: it dies by SIGBUS or goes on, and the next start serves an older one"
    )
    func truncatedUnderMap() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<4, seed: 1)
        for _ in 0..<2 { #expect(try GroupedShop.train(daemon).state == .succeeded) }
        let directory = daemon.data + "/generations/default/000002"
        let connection = try daemon.connect()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory)
        where name.hasSuffix(".array") {
          chmod(directory + "/" + name, 0o600)
          truncate(directory + "/" + name, 0)
        }
        do {
          for user in 0..<50 {
            var request = RecommendRequest()
            request.user = Array("user-\(user)".utf8)
            _ = try connection.call(.recommend(request))
          }
        } catch is ConnectionClosed {
          #expect(try daemon.running().wait(seconds: 20) == .signal(SIGBUS))
        }
        daemon.kill()
        try daemon.start()
        #expect(try daemon.status().tenants.first?.generation.value == 1)
        #expect(try daemon.logLines().contains { $0["event"] as? String == "generation_unusable" })
        #expect(try daemon.status().committed == Position(4_000), "the log is none of the generation's")
      }
    }

    @Test("A trainer that prints without end is read, not believed, and costs the daemon no memory")
    func flood() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        let trainer = daemon.workplace.file("mad-trainer")
        try daemon.workplace.write(
          """
          #!/bin/sh
          head -c 20000000 /dev/zero | tr '\\0' 'x'
          echo
          head -c 20000000 /dev/zero | tr '\\0' '\\n' >&2
          yes '{"stage":"never","fraction":0.5}' | head -n 100000
          exit 0
          """, to: "mad-trainer")
        chmod(trainer, 0o755)
        daemon.arguments = ["--set", "training.program=\(trainer)"]
        try daemon.start()
        _ = try Samples.send("1", to: daemon)
        let before = try require(daemon.running().residentBytes, "no daemon")
        let status = try GroupedShop.train(daemon)
        #expect(status.state == .failed, "it ended well, but made nothing and never said it was done")
        let after = try require(daemon.running().peakBytes, "no daemon")
        #expect(Sanitizer.isOn || after < before + 64 << 20, "\(before) before, \(after) at most")
        #expect(try Samples.reads(daemon))
        // What it said is logged only up to a bound.
        #expect(try daemon.logLines().count < 1_000)
      }
    }

    @Test("One user and one item that everybody writes to: all of it is taken, others are answered meanwhile")
    func hotUser() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        let writers = (0..<3).map { writer in
          Worker { [port = daemon.port] () -> Int in
            let connection = try Connection(port: port)
            var accepted = 0
            for batch in 0..<30 {
              let events = (0..<200).map { Samples.event("hot-\(writer)-\(batch)-\($0)") }
              accepted += try connection.ingest(events).verdicts.count {
                if case .accepted = $0 { true } else { false }
              }
            }
            return accepted
          }
        }
        var answered = 0
        for user in 0..<200 {
          var request = RecommendRequest()
          request.user = Array("other-\(user)".utf8)
          if case .recommend = try daemon.connect().call(.recommend(request)) { answered += 1 }
        }
        #expect(answered == 200)
        #expect(try writers.map { try $0.join() } == [6_000, 6_000, 6_000])
        #expect(try daemon.status().tenants.first?.events == 18_000)
        #expect(try Samples.historyCount(daemon) <= Limits.historyEventsMax)
      }
    }

    @Test("SIGTERM while a snapshot is made ends in order; what was half made is no snapshot and is swept")
    func stoppedDuringSnapshot() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        // Each block of it waits for the disk, so that the signal falls into the middle.
        daemon.environment = try FaultShim.environment(["SHIM_SYNC_DELAY_US": "300000"])
        try daemon.start()
        _ = try Samples.send("1", to: daemon)
        var request = SnapshotRequest()
        request.action = .create
        _ = try daemon.connect().call(.snapshot(request))
        let shelf = daemon.data + "/snapshots"
        func names() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: shelf)) ?? [] }
        for _ in 0..<2_000 where names().isEmpty { usleep(1_000) }
        #expect(try daemon.stop() == .exit(0))
        daemon.environment = [:]
        try daemon.start()
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        #expect(!names().contains { $0.hasSuffix(".partial") }, "\(names())")
        #expect(try daemon.status().committed == Position(1))
      }
    }
  }
}

/// Processor time a process has used, in hundredths of a second.
private func processorTicks(_ pid: pid_t) throws -> Int {
  let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
  let end = try require(text.lastIndex(of: ")"), "no process \(pid)")
  let fields = text[text.index(after: end)...].split(separator: " ")
  guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
    throw HarnessFailure("not a line of stat: \(text)")
  }
  return user + system
}
