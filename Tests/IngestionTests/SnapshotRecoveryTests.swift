import Foundation
import Ingestion
import LiveState
import Storage
import Testing
import Vocabulary

/// What the write path does for snapshots, and what they do for it.
struct SnapshotRecoveryTests {
  private func snapshot(_ rig: Rig) throws -> SnapshotManifest {
    let shelf = SnapshotShelf(path: rig.directory.snapshotsPath)
    try shelf.make()
    let point = try rig.ingestor.export().get()
    let manifest = SnapshotManifest(
      directory: rig.directory.identity, position: point.state.position, ingestTime: point.ingestTime,
      logBegins: point.logBegins, created: Timestamp(microseconds: 1), program: "test", configurationHash: 0,
      generations: [])
    let writer = try SnapshotWriter(on: shelf, manifest: manifest) { _ in true }
    try writer.addState(point.state)
    return try writer.finish()
  }

  /// The state is held at exactly what was acknowledged, however the store lags; the log goes on with a new segment.
  @Test func theStateIsHeldAtExactlyOnePosition() async throws {
    let rig = try Rig()
    for round in 1...5 {
      _ = await rig.ingest((0..<40).map { event("\(round)-\($0)", user: "u\($0 % 7)", item: "i\($0)") })
      let point = try rig.ingestor.export().get()
      #expect(point.state.position == Position(UInt64(40 * round)))
      #expect(rig.ingestor.stored == point.state.position)
      #expect(rig.ingestor.logSegments == round + 1)
    }
  }

  @Test func whileOthersIngestEachExportIsAWholeNumberOfGroups() async throws {
    let rig = try Rig(interval: 5)
    let ingestor = rig.ingestor
    // Groups of ten: no position between them may ever be exported.
    let done = Task {
      for batch in 0..<200 {
        await Self.ingest((0..<10).map { event("\(batch)-\($0)", item: "i\($0)") }, into: ingestor)
      }
    }
    var last: UInt64 = 0
    for _ in 0..<20 {
      let position = try await onOwnThread { try ingestor.export().get().state.position.value }
      #expect(position % 10 == 0)
      #expect(position >= last)
      last = position
    }
    await done.value
    #expect(ingestor.applied == Position(2_000))
    withExtendedLifetime(rig) {}
  }

  private static func ingest(_ events: [EventDraft], into ingestor: Ingestor) async {
    var request = IngestEventsRequest()
    request.events = events
    _ = await withCheckedContinuation { continuation in
      ingestor.ingest(request, tenant: .default) { continuation.resume(returning: $0) }
    }
  }

  @Test func aDamagedStateBeginsFromSnapshotAndPrunedLog() async throws {
    let rig = try Rig()
    let early = rig.root + "-early"
    defer { try? FileManager.default.removeItem(atPath: early) }
    try rig.restart(.stop) { try FileManager.default.copyItem(atPath: $0 + "/state", toPath: early) }
    let drafts = (0..<300).map { event("a\($0)", user: "u\($0 % 9)", item: "i\($0 % 40)") }
    #expect(await rig.ingest(drafts).batch?.position == Position(300))
    let manifest = try snapshot(rig)
    #expect(manifest.position == 300)
    let more = (0..<100).map { event("b\($0)", user: "u\($0 % 9)", item: "i\($0 % 50)") }
    #expect(await rig.ingest(more).batch?.position == Position(400))
    #expect(try rig.ingestor.pruneLog(through: Position(300), takenInBy: .zero).get() == 0)
    #expect(
      try rig.ingestor.pruneLog(through: Position(300), takenInBy: Timestamp(microseconds: .max)).get() == 1)
    #expect(rig.directory.base() == Position(300))
    #expect(rig.ingestor.logSegments == 1)
    let users = (0..<9).map { "u\($0)" }
    let before = try RecoveryTests.Contents(of: rig.tenant(), users: users)
    try rig.restart(.crash)
    #expect(try RecoveryTests.Contents(of: rig.tenant(), users: users) == before)

    try rig.restart(.stop) { try FileManager.default.removeItem(atPath: $0 + "/state/CURRENT") }
    #expect(try RecoveryTests.Contents(of: rig.tenant(), users: users) == before)
    #expect(await rig.ingest(drafts).shown == (1...300).map { "=\($0)" })
    #expect(await rig.ingest(more).shown == (301...400).map { "=\($0)" })

    // A state from before what was pruned would be a part of the truth, and is taken for damage.
    try rig.restart(.stop) { path in
      try FileManager.default.removeItem(atPath: path + "/state")
      try FileManager.default.copyItem(atPath: early, toPath: path + "/state")
    }
    #expect(try RecoveryTests.Contents(of: rig.tenant(), users: users) == before)

    // Without the snapshot nothing can make up for what was pruned.
    let refused = Result {
      try rig.restart(.stop) { path in
        try FileManager.default.removeItem(atPath: path + "/snapshots")
        try FileManager.default.removeItem(atPath: path + "/state/CURRENT")
      }
    }
    guard case .failure(let error as StorageFault) = refused else {
      Issue.record("a start without the pruned part succeeded")
      return
    }
    #expect(error.exitCode == 65)
    #expect(error.message.contains("snapshot"))
  }
}

/// Runs what blocks on a thread of its own.
private func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
  -> Value
{
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
