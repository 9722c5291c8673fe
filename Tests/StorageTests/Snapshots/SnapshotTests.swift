import Checksums
import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct SnapshotTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func whatWasSnapshotIsRestored(seed: UInt64) throws {
    let small = try SmallSnapshot(seed: seed)
    try small.grow(300)
    let before = try StateContents(small.store, events: small.events)
    let manifest = try small.snapshot()
    #expect(manifest.position == 300)
    #expect(manifest.entries == 900)
    #expect(manifest.bytes > 0)
    let target = small.temporary.path + "/restored"
    let plan = try small.restore(manifest.name, to: target)
    #expect(plan.last == Position(300) && plan.replayed == 0)

    let directory = try DataDirectory.open(at: target)
    #expect(directory.identity != small.directory.identity)
    #expect(directory.base() == Position(300) && directory.acknowledged() == Position(300))
    #expect(directory.origin() == .init(identity: small.directory.identity, position: Position(300)))
    let log = try EventLog.open(directory)
    #expect(log.next == Position(301))
    log.close()
    let store = try StateStore.open(directory)
    #expect(try StateContents(store, events: small.events) == before, "seed \(seed)")
    try store.checkEvents()
    store.close()
    #expect(try contents(target + "/" + SnapshotManifest.configurationName) == SmallSnapshot.configuration)
    directory.close()
  }

  /// The tables of docs/snapshots.md, laid out by hand.
  @Test func knownBytes() throws {
    let small = try SmallSnapshot(seed: 4)
    var batch = StateBatch(applied: .zero, for: small.store)
    let record = EventRecord(position: Position(5), hash: 0x0102_0304_0506_0708)
    batch.put(record, id: try EventIdentifier("e"), of: .default)
    try small.store.write(batch)
    let manifest = try small.snapshot(created: 0x0a0b)
    let bytes = try contents(small.shelf.path(of: manifest.name) + "/state.export")

    func little(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    let identity = small.directory.identity
    let seed = CRC32C.of(identity)
    var header =
      Array("MAGPIESS".utf8) + little(1, 4) + little(0, 4) + identity + little(0, 8) + little(0x0a0b, 8)
    header += [UInt8](repeating: 0, count: 12)
    header += little(UInt64(CRC32C.of(header)), 4)
    let key = Array("E".utf8) + [7] + Array("default".utf8) + Array("e".utf8)
    let value: [UInt8] = [1] + little(0x0102_0304_0506_0708, 8) + [5]
    let payload = [UInt8(key.count)] + key + [UInt8(value.count)] + value
    let checked = little(0, 8) + little(1, 4) + payload
    let block =
      little(UInt64(payload.count), 4) + little(UInt64(CRC32C.of(checked, continuing: seed)), 4) + checked
    var trailer = Array("MAGPIESE".utf8) + little(1, 8) + little(1, 8) + little(UInt64(64 + block.count), 8)
    trailer += [UInt8](repeating: 0, count: 28)
    trailer += little(UInt64(CRC32C.of(trailer, continuing: seed)), 4)
    #expect(bytes == header + block + trailer)
    #expect(manifest.name.text == "00000000000000000000-0000000000002571")
  }

  @Test func anExportShowsTheMomentItWasTaken() throws {
    let small = try SmallSnapshot(seed: 5)
    try small.grow(50)
    let before = try StateContents(small.store, events: small.events)
    let export = try small.store.beginExport()
    let events = small.events
    // Enough that LevelDB flushes and compacts under it.
    for _ in 0..<20 { try small.grow(100) }
    try small.shelf.make()
    let manifest = SnapshotManifest(
      directory: small.directory.identity, position: export.position, ingestTime: .zero,
      logBegins: Position(1),
      created: Timestamp(microseconds: 7), program: "test", configurationHash: 0, generations: [])
    let writer = try SnapshotWriter(on: small.shelf, manifest: manifest) { _ in true }
    try writer.addState(export)
    let finished = try writer.finish()
    #expect(finished.entries == 150)
    let target = small.temporary.path + "/restored"
    _ = try small.restore(finished.name, to: target)
    let directory = try DataDirectory.open(at: target)
    let store = try StateStore.open(directory)
    #expect(try StateContents(store, events: events) == before)
    store.close()
  }

  @Test func aClosedStoreKeepsItsFilesUntilTheExportIsLetGo() throws {
    let small = try SmallSnapshot(seed: 9)
    try small.grow(20)
    let export = try small.store.beginExport()
    small.store.close()
    #expect(throws: StorageFault.self, "LevelDB holds its lock") { try StateStore.open(small.directory) }
    export.letGo()
    export.letGo()
    let again = try StateStore.open(small.directory)
    #expect(try again.applied() == Position(20))
    again.close()
  }

  @Test func oneThatIsStoppedLeavesNothingAndOthersStay() throws {
    let small = try SmallSnapshot(seed: 6)
    try small.grow(200)
    let good = try small.snapshot()
    try small.grow(200)
    let manifest = SnapshotManifest(
      directory: small.directory.identity, position: Position(400), ingestTime: .zero, logBegins: Position(1),
      created: Timestamp(microseconds: 8), program: "test", configurationHash: 0, generations: [])
    // Stopped after each possible report, in the middle of writing and of verifying.
    var reports = 0
    var isDone = false
    while !isDone {
      var left = reports
      let writer = try SnapshotWriter(on: small.shelf, manifest: manifest) { _ in
        left -= 1
        return left >= 0
      }
      let found = fault {
        try writer.addState(try small.store.beginExport())
        try writer.add("generations/default/000001/items.array", [1, 2, 3])
        _ = try writer.finish()
      }
      isDone = found == nil
      if !isDone {
        #expect(found?.kind == .stopped)
        #expect(try small.shelf.names() == [good.name], "after \(reports) reports")
        writer.abandon()
        #expect(try SystemDisk().list(small.shelf.path) == [good.name.text])
      }
      reports += 1
    }
    #expect(reports >= 4)
    #expect(try small.shelf.names().count == 2)
    _ = try SnapshotShelf.verify(at: small.shelf.path(of: good.name))
  }

  @Test func unfinishedOnesAreNoSnapshotsAndAreSwept() throws {
    let small = try SmallSnapshot(seed: 7)
    try small.grow(10)
    let good = try small.snapshot()
    let whole = small.shelf.path(of: good.name)
    try copyTree(whole, to: whole + ".partial")
    try copyTree(whole, to: whole + ".removing")
    try SystemDisk().createDirectory(small.shelf.path + "/holiday")
    #expect(try small.shelf.list().map(\.name) == [good.name])
    #expect(try small.shelf.sweep() == 2)
    #expect(try SystemDisk().list(small.shelf.path) == [good.name.text, "holiday"])
    #expect(try SnapshotShelf(path: small.temporary.path + "/none").list().isEmpty)
  }

  @Test func pruningKeepsTheNewestUsable() throws {
    let small = try SmallSnapshot(seed: 8)
    var names: [SnapshotName] = []
    for number in 1...5 {
      try small.grow(3)
      names.append(try small.snapshot(created: Int64(number)).name)
    }
    // The newest cannot be read, so it does not count.
    try write([], to: small.shelf.path(of: names[4]) + "/manifest.sha256", replacing: true)
    #expect(try small.shelf.prunable(keep: 2) == [names[1], names[0]])
    #expect(try small.shelf.prune(keep: 2) == [names[1], names[0]])
    #expect(try small.shelf.names() == Array(names[2...]))
    #expect(try small.shelf.prune(keep: 9).isEmpty)
    #expect(try small.shelf.find("latest") == names[4])
    #expect(try small.shelf.find(names[2].text) == names[2])
    #expect(try small.shelf.find("9") == names[2])
    #expect(fault { _ = try small.shelf.find("000") }?.message.contains(names[3].text) == true)
    #expect(fault { _ = try small.shelf.find("7x") }?.kind == .noSnapshot)
    #expect(SnapshotName(text: names[0].text + ".partial") == nil)
    #expect(SnapshotName(text: "1-1") == nil)
  }
}
