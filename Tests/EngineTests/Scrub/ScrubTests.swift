import Engine
import Foundation
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
}
