import Foundation
import Testing
import Torture
import Vocabulary

extension EndToEnd {
  /// Disks that refuse, fail, are full or slow, under the real daemon. docs/faults.md, rows 33 to 37.
  @Suite struct DiskFaultTests {
    /// Sends events one by one until one is refused, then starts again on a sound disk and compares.
    ///
    /// - Returns: how many were acknowledged, or nil if the daemon could not even start.
    private func failAndRecover(_ order: String) throws -> Int? {
      let daemon = try Daemon(in: Workplace())
      daemon.environment = try FaultShim.environment(["SHIM_FAIL": order])
      var acknowledged: [String: UInt64] = [:]
      try daemon.launch()
      do {
        try daemon.waitUntilReady()
      } catch {
        // The fault met it while it started: it says so with a status that is documented.
        #expect(try daemon.running().wait(seconds: 20) == .exit(74), "\(order): \(daemon.log)")
        daemon.environment = [:]
        try daemon.start()
        return nil
      }
      var refusal: Fault?
      for number in 0..<40 where refusal == nil {
        switch try Samples.send("e\(number)", to: daemon) {
        case .success(let position)?: acknowledged["e\(number)"] = position
        case .failure(let fault)?: refusal = fault
        case nil: throw HarnessFailure("\(order): the connection ended without a word: \(daemon.log)")
        }
      }
      #expect(refusal?.reason == .writePathFenced, "\(order): \(String(describing: refusal))")
      // The write path is closed, and stays so; reads go on.
      #expect(try daemon.status().state == .fenced, "\(order)")
      if case .success? = try Samples.send("later", to: daemon) {
        Issue.record("\(order): taken behind the fence")
      }
      #expect(try Samples.reads(daemon), "\(order)")
      daemon.kill()
      daemon.environment = [:]
      try daemon.start()
      #expect(try Samples.missing(acknowledged, in: daemon).isEmpty, "\(order)")
      // At most the one whose outcome nobody knew is there besides.
      let events = try daemon.status().tenants.first?.events ?? 0
      #expect((acknowledged.count...(acknowledged.count + 1)).contains(Int(events)), "\(order): \(events)")
      #expect(try Samples.historyCount(daemon) == Int(events), "\(order)")
      #expect(try Samples.send("after", to: daemon) != nil)
      return acknowledged.count
    }

    @Test(
      "No space on the Nth write to the log: fenced with words, reads go on, nothing acknowledged is lost")
    func spaceEndsAtEveryWrite() async throws {
      try await onThread {
        var counts: [Int] = []
        for number in 1...6 {
          if let count = try failAndRecover("pwrite:\(ENOSPC):\(number):/log/") { counts.append(count) }
        }
        #expect(Set(counts).count >= 4, "the fault must come later each time: \(counts)")
      }
    }

    @Test("A failed fdatasync of the log acknowledges nothing, is not tried again, and a restart recovers")
    func syncFails() async throws {
      try await onThread {
        var counts: [Int] = []
        for number in 2...5 {
          if let count = try failAndRecover("fdatasync:\(EIO):\(number):/log/") { counts.append(count) }
        }
        #expect(Set(counts).count >= 3, "\(counts)")
      }
    }

    @Test("Writes that take half, and signals in the middle, change nothing")
    func shortWrites() async throws {
      let seed = testSeed()
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.environment = try FaultShim.environment(["SHIM_SHORT_WRITES": "1", "SHIM_INTERRUPTED": "1"])
        try daemon.start()
        let writer = JournalingWriter(number: 0, seed: seed, eventsMax: 4_000)
        writer.run(port: daemon.port)
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        daemon.kill()
        daemon.environment = [:]
        try daemon.start()
        let connection = try daemon.connect()
        #expect(writer.complaints.isEmpty && writer.events.count == 4_000, "\(writer.complaints)")
        #expect(try writer.confirm(Array(writer.events.indices), on: connection).isEmpty)
        #expect(try writer.compareHistories(on: connection).isEmpty)
        let verified = try daemon.magpie(
          "snapshot", "verify", "latest", "--directory", daemon.data + "/snapshots")
        #expect(verified.ending == .exit(0), "\(verified.errors)")
      }
    }

    @Test("A snapshot whose last rename fails is none; the one before stays, what is left is swept")
    func renameOfSnapshotFails() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        _ = try Samples.send("1", to: daemon)
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        let shelf = daemon.data + "/snapshots"
        let before = try FileManager.default.contentsOfDirectory(atPath: shelf)
        #expect(try daemon.stop() == .exit(0))
        daemon.environment = try FaultShim.environment(["SHIM_FAIL": "rename:\(EIO):1+:/snapshots/"])
        try daemon.start()
        _ = try Samples.send("2", to: daemon)
        let failed = try daemon.magpie("snapshot", "create")
        #expect(failed.ending == .exit(1))
        #expect(failed.errors.contains("rename"), "\(failed.errors)")
        #expect(try daemon.status().state == .ready)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf) == before)
        #expect(try daemon.stop() == .exit(0))
        daemon.environment = [:]
        try daemon.start()
        _ = try Samples.send("3", to: daemon)
        #expect(try daemon.magpie("snapshot", "create").ending == .exit(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).count == before.count + 1)
      }
    }

    @Test("A promotion whose rename fails leaves the old generation serving, now and after the next start")
    func renameOfPromotionFails() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        try GroupedShop.fill(daemon, batches: 0..<4, seed: 1)
        for _ in 0..<2 { #expect(try GroupedShop.train(daemon).state == .succeeded) }
        func serving() throws -> UInt64? { try daemon.status().tenants.first?.generation.value }
        let number = try #require(try serving())
        #expect(try daemon.stop() == .exit(0))
        daemon.environment = try FaultShim.environment(["SHIM_FAIL": "rename:\(EIO):1+:/current"])
        try daemon.start()
        var request = GenerationsRequest()
        (request.action, request.generation, request.force) = (.promote, 1, true)
        do {
          _ = try daemon.connect().call(.generations(request))
          Issue.record("the promotion was acknowledged")
        } catch let fault as Fault {
          #expect(fault.reason == .generationInvalid, "\(fault)")
          #expect(fault.message.contains("rename"), "\(fault)")
        }
        #expect(try serving() == number)
        #expect(try Samples.reads(daemon))
        #expect(try daemon.stop() == .exit(0))
        daemon.environment = [:]
        try daemon.start()
        #expect(try serving() == number)
      }
    }

    // MARK: A disk that is full

    /// A daemon on a disk whose size can be changed; nil where that is not allowed.
    private func onSmallDisk(_ arguments: [String]) async throws -> (daemon: Daemon, disk: TemporaryDisk)? {
      let workplace = try Workplace()
      guard let disk = await TemporaryDisk.mounted(at: workplace.file("disk")) else { return nil }
      let daemon = Daemon(in: workplace, on: disk.path + "/data")
      daemon.arguments = ["--init"] + arguments
      do {
        try daemon.start()
      } catch {
        await disk.unmount()
        throw error
      }
      return (daemon, disk)
    }

    @Test(
      "Ingest stops with disk_low before the disk is full, reads go on, and ingest resumes by itself",
      .enabled(if: geteuid() == 0, "a disk of its own needs root"))
    func diskLow() async throws {
      guard let (daemon, disk) = try await onSmallDisk([]) else { return }
      do {
        guard case .success? = try Samples.send("1", to: daemon) else { throw HarnessFailure("not taken") }
        // The reserve is 256 MiB.
        try await disk.leave(bytes: 200 << 20)
        guard case .failure(let fault)? = try Samples.send("2", to: daemon) else {
          throw HarnessFailure("taken though the disk is nearly full")
        }
        #expect(fault.reason == .diskLow)
        #expect(fault.code == .resourceExhausted)
        #expect(fault.retryAfterMilliseconds ?? 0 > 0)
        #expect(try Samples.reads(daemon))
        #expect(try daemon.status().state == .ready, "nothing failed, so nothing is fenced")
        _ = try daemon.waitForLog("disk_low")
        try await disk.free()
        guard case .success? = try Samples.send("2", to: daemon) else {
          throw HarnessFailure("did not resume")
        }
        _ = try daemon.waitForLog("disk_recovered")
        #expect(try daemon.status().committed == Position(2))
      } catch {
        Issue.record(error)
      }
      daemon.kill()
      await disk.unmount()
    }

    @Test(
      "A disk that is really full fences the write path; reads go on; with space and a start all acknowledged is there",
      .enabled(if: geteuid() == 0, "a disk of its own needs root"))
    func diskFull() async throws {
      guard let (daemon, disk) = try await onSmallDisk(["--set", "disk_free_bytes_min=0"]) else { return }
      do {
        for attempt in 0..<5 {
          var acknowledged: [String: UInt64] = [:]
          try await disk.leave(bytes: UInt64(attempt * 10_000))
          var refusal: Fault?
          for number in 0..<5_000 where refusal == nil {
            switch try Samples.send("\(attempt)-\(number)", to: daemon) {
            case .success(let position)?: acknowledged["\(attempt)-\(number)"] = position
            case .failure(let fault)?: refusal = fault
            case nil: throw HarnessFailure("no answer: \(daemon.log)")
            }
          }
          #expect(refusal?.reason == .writePathFenced, "\(String(describing: refusal))")
          #expect(try Samples.reads(daemon))
          daemon.kill()
          try await disk.free()
          try daemon.start()
          #expect(try Samples.missing(acknowledged, in: daemon).isEmpty, "attempt \(attempt)")
        }
      } catch {
        Issue.record(error)
      }
      daemon.kill()
      await disk.unmount()
    }
  }
}
