import Engine
import Foundation
import Metering
import Storage
import Testing
import Vocabulary

/// A scrub names what is not what was written, and nothing else, while the engine serves.
struct ScrubTests {
  /// An engine with some sealed segments, a state with tables, a generation and a snapshot.
  private func rig(_ change: (inout Settings) -> Void = { _ in }) async throws -> EngineRig {
    let rig = try EngineRig {
      $0.scrub.bytesPerSecond = 1 << 30
      $0.scrub.everySeconds = 0
      change(&$0)
    }
    for round in 0..<3 {
      _ = await rig.ingest((0..<200).map { ("u\($0 % 20)", "i\(round)-\($0 % 50)") })
      // Each opening makes a table of LevelDB's log.
      try rig.restart()
    }
    try FullGeneration.make(1, in: rig.root + "/data/generations/default")
    var request = SnapshotRequest()
    request.action = .create
    guard case .success(.snapshot(let begun)) = await rig.call(.snapshot(request)) else {
      throw EngineRig.Unexpected()
    }
    while try await rig.status().snapshot.state == .creating { try await Task.sleep(for: .milliseconds(5)) }
    let made = try await rig.status().snapshot
    #expect(made.state == .succeeded && made.job == begun.status.job, "\(made)")
    return rig
  }

  private func scrub(_ rig: EngineRig) async throws -> ScrubReply {
    var request = ScrubRequest()
    request.action = .start
    guard case .success(.scrub(let begun)) = await rig.call(.scrub(request)) else {
      throw EngineRig.Unexpected()
    }
    #expect(begun.state == .running)
    return try await ended(rig, begun.job)
  }

  private func ended(_ rig: EngineRig, _ job: UInt64) async throws -> ScrubReply {
    for _ in 0..<6_000 {
      guard case .success(.scrub(let reply)) = await rig.call(.scrub(ScrubRequest())) else {
        throw EngineRig.Unexpected()
      }
      if reply.job >= job, reply.state != .running { return reply }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw EngineRig.Unexpected()
  }

  private func files(_ rig: EngineRig) throws -> [String] {
    let data = rig.root + "/data"
    return try FileManager.default.subpathsOfDirectory(atPath: data).map { data + "/" + $0 }.filter { path in
      (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
    }.sorted()
  }

  @Test func whatIsWholeIsSaidToBeWhole() async throws {
    let rig = try await rig()
    let reply = try await scrub(rig)
    #expect(reply.state == .whole, "\(reply)")
    #expect(reply.damages.isEmpty && reply.damagesTotal == 0)
    // Superblock, at least two segments, state, generation, snapshot.
    #expect(reply.files >= 6)
    let log = try files(rig).filter { $0.contains("/log/") }
    let bytes = try log.reduce(0) { try $0 + Data(contentsOf: URL(filePath: $1)).count }
    #expect(reply.bytes > UInt64(bytes))
    #expect(reply.lastWhole == reply.finished && reply.finished >= reply.started)
    let again = try await scrub(rig)
    #expect(again.job == reply.job + 1 && again.state == .whole)
  }

  /// One byte of each file that a checksum covers: the scrub names the file, and goes on to the end.
  @Test func aChangedByteIsNamed() async throws {
    let rig = try await rig()
    let clean = try await scrub(rig)
    var found = 0
    for path in try files(rig) {
      let name = (path as NSString).lastPathComponent
      let isCovered =
        path.contains("/log/") || path.contains("/generations/default/000001/")
        || path.contains("/snapshots/")
        || (path.contains("/state/") && name.hasSuffix(".ldb"))
      guard isCovered else { continue }
      let original = try Data(contentsOf: URL(filePath: path))
      // A model that has nothing to say has arrays of no bytes.
      if original.isEmpty { continue }
      var bytes = original
      bytes[bytes.count / 2] ^= 4
      chmod(path, 0o600)
      try put(bytes, path)
      let reply = try await scrub(rig)
      try put(original, path)
      #expect(reply.state == .damaged, "\(path): \(reply)")
      #expect(reply.files == clean.files, "\(path)")
      // LevelDB does not say which table; of a manifest and its digest nobody knows which one is wrong.
      let isState = path.contains("/state/")
      let place = (path as NSString).deletingLastPathComponent
      #expect(
        reply.damages.contains { damage in
          damage.file == path || (isState && damage.file.contains("/state"))
            || (name.hasPrefix("manifest.") && damage.file.hasPrefix(place + "/manifest."))
        }, "\(path): \(reply.damages)")
      #expect(reply.damages.allSatisfy { $0.message.contains(". ") }, "what to do: \(reply.damages)")
      #expect(await rig.recommend("u1").slate?.items.isEmpty == false)
      found += 1
    }
    #expect(found >= 10)
    // Ingest was never stopped by it.
    #expect(await rig.ingest([("u1", "i0-1")])?.verdicts.count == 1)
  }

  /// In place: a file that is mapped or held open must stay the same file.
  private func put(_ bytes: Data, _ path: String) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.write(contentsOf: bytes)
    try file.close()
  }

  @Test func itComesByItselfWhereASettingSaysSo() async throws {
    let rig = try await rig { $0.scrub.everySeconds = 1 }
    let reply = try await ended(rig, 1)
    #expect(reply.state == .whole)
  }

  // MARK: Over restarts

  private static func metrics(_ rig: EngineRig) -> String {
    var text = MetricsText()
    rig.engine.writeMetrics(into: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func edit(_ rig: EngineRig, _ change: (inout ScrubRecord) -> Void) throws {
    let directory = try DataDirectory.open(at: rig.root + "/data")
    defer { directory.close() }
    var record = try #require(try ScrubFile.read(directory))
    change(&record)
    try ScrubFile.write(record, in: directory)
  }

  private func ago(_ seconds: Int64) -> Timestamp {
    Timestamp(microseconds: Timestamp.now.microseconds - seconds * 1_000_000)
  }

  @Test func theLastOneIsKnownAfterARestart() async throws {
    let rig = try await rig()
    #expect(try await rig.status().scrub.state == .idle)
    let whole = try await scrub(rig)
    #expect(try await rig.status().scrub == whole)
    try rig.restart()
    var known = whole
    known.job = 0
    #expect(try await rig.status().scrub == known)
    #expect(rig.engine.damagesFound == 0)

    // Damage stays known until a scrub finds none.
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: rig.root + "/data/snapshots").first)
    let path = rig.root + "/data/snapshots/" + name + "/configuration.yaml"
    chmod(path, 0o600)
    let original = try Data(contentsOf: URL(filePath: path))
    try put(Data("port: 1\n".utf8), path)
    let damaged = try await scrub(rig)
    #expect(damaged.state == .damaged && damaged.lastWhole == whole.lastWhole)
    #expect(rig.engine.damagesFound == 1)
    try rig.restart()
    let after = try await rig.status().scrub
    #expect(after.state == .damaged && after.damages == damaged.damages && after.finished == damaged.finished)
    #expect(rig.engine.damagesFound == 1)
    let metrics = Self.metrics(rig)
    #expect(metrics.contains("magpie_scrub_damaged_files 1\n"), "\(metrics)")
    #expect(metrics.contains("magpie_scrub_last_success_timestamp_seconds \(whole.lastWhole.seconds)\n"))
    try FileManager.default.removeItem(atPath: path)
    try original.write(to: URL(filePath: path))
    #expect(try await scrub(rig).state == .whole)
    #expect(rig.engine.damagesFound == 0)
  }

  /// A daemon that is restarted every day is scrubbed every week all the same.
  @Test func theTimeCountsFromTheLastOneAndNotFromTheStart() async throws {
    let rig = try await rig { $0.scrub.everySeconds = 3_600 }
    rig.engine.stop()
    try edit(rig) { $0.since = ago(3_700) }
    try rig.restart()
    // None was ever made, and the directory was first served more than an hour ago.
    let first = try await ended(rig, 1)
    #expect(first.state == .whole)
    rig.engine.stop()
    try edit(rig) { $0.last.finished = ago(3_700) }
    try rig.restart()
    #expect(try await ended(rig, 1).finished > first.finished)
    // A clock that was a year ahead when the last one was made.
    rig.engine.stop()
    try edit(rig) { $0.last.finished = ago(-31_536_000) }
    try rig.restart()
    #expect(try await ended(rig, 1).finished <= .now)
  }

  @Test func oneThatWasJustMadeIsNotMadeAgain() async throws {
    let rig = try await rig { $0.scrub.everySeconds = 3_600 }
    let made = try await scrub(rig)
    try rig.restart()
    // Long enough for the thread to look at least once.
    try await Task.sleep(for: .milliseconds(1_500))
    let now = try await rig.status().scrub
    #expect(now.job == 0 && now.finished == made.finished)
  }

  @Test func aRecordThatCannotBeReadIsMadeAnew() async throws {
    let rig = try await rig()
    _ = try await scrub(rig)
    rig.engine.stop()
    try Data("nonsense".utf8).write(to: URL(filePath: rig.root + "/data/scrub.last"))
    try rig.restart()
    #expect(try await rig.status().scrub.state == .idle)
    rig.engine.stop()
    try edit(rig) { #expect($0.last.state == .idle && $0.since > ago(600)) }
    try rig.restart()
    #expect(try await scrub(rig).state == .whole)
  }
}
