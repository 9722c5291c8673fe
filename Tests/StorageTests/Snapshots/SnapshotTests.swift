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
    // CURRENT, the MANIFEST, a write-ahead log at least.
    #expect(manifest.formatVersion == 2 && manifest.entries >= 3 && manifest.records == nil)
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

  /// The tables of docs/snapshots.md, read by hand: LevelDB's own files are in it, byte for byte.
  @Test func knownBytes() throws {
    let small = try SmallSnapshot(seed: 4)
    try small.grow(40)
    let manifest = try small.snapshot(created: 0x0a0b)
    #expect(manifest.name.text == "00000000000000000040-0000000000002571")
    let bytes = try contents(small.shelf.path(of: manifest.name) + "/state.export")
    let identity = small.directory.identity
    let seed = CRC32C.of(identity)
    var header =
      Array("MAGPIESS".utf8) + little(2, 4) + little(0, 4) + identity + little(40, 8) + little(0x0a0b, 8)
    header += [UInt8](repeating: 0, count: 12)
    header += little(UInt64(CRC32C.of(header)), 4)
    #expect(Array(bytes.prefix(64)) == header)
    var (files, fronts): ([(name: String, bytes: [UInt8])], [UInt8]) = ([], header)
    var (place, blocks) = (64, 0)
    while number(bytes, place, 8) != number(Array("MAGPIESE".utf8), 0, 8) {
      let end = place + 20 + number(bytes, place, 4)
      #expect(
        number(bytes, place + 4, 4) == Int(CRC32C.of(Array(bytes[(place + 8)..<end]), continuing: seed)))
      #expect(number(bytes, place + 8, 8) == blocks)
      fronts += bytes[place..<(place + 20)]
      if number(bytes, place + 16, 4) == 1 {
        // Form, bytes and the length of the name take a byte each, or bytes takes more.
        let name = bytes[(place + 21)..<end].drop { $0 >= 0x80 }.dropFirst(2)
        files.append((String(decoding: name, as: UTF8.self), []))
      } else {
        #expect(number(bytes, place + 16, 4) == 2)
        files[files.count - 1].bytes += bytes[(place + 20)..<end]
      }
      blocks += 1
      place = end
    }
    var trailer = Array("MAGPIESE".utf8) + little(UInt64(files.count), 8) + little(UInt64(blocks), 8)
    trailer += little(UInt64(place), 8) + [UInt8](repeating: 0, count: 28)
    trailer += little(UInt64(CRC32C.of(trailer, continuing: seed)), 4)
    #expect(Array(bytes[place...]) == trailer)
    let digest = (fronts + trailer).withUnsafeBytes { SHA256.hex($0) }
    #expect(manifest.files.first { $0.name == "state.export" }?.sha256 == digest)
    #expect(manifest.entries == UInt64(files.count))
    #expect(files.map(\.name) == files.map(\.name).sorted())
    for file in files {
      #expect(file.bytes == (try contents(small.directory.statePath + "/" + file.name)), "\(file.name)")
    }
    #expect(Set(["CURRENT"]).isSubset(of: files.map(\.name)))
  }

  private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  private func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// A snapshot as releases before wrote them, laid out by hand.
  @Test func versionOneIsStillRestored() throws {
    let small = try SmallSnapshot(seed: 14)
    let record = EventRecord(position: Position(5), hash: 0x0102_0304_0506_0708)
    let manifest = try small.snapshot(created: 0x0a0b)
    let place = small.shelf.path(of: manifest.name)
    let identity = small.directory.identity
    let seed = CRC32C.of(identity)
    var bytes =
      Array("MAGPIESS".utf8) + little(1, 4) + little(0, 4) + identity + little(0, 8) + little(0x0a0b, 8)
    bytes += [UInt8](repeating: 0, count: 12)
    bytes += little(UInt64(CRC32C.of(bytes)), 4)
    let key = Array("E".utf8) + [7] + Array("default".utf8) + Array("e".utf8)
    let value: [UInt8] = [1] + little(0x0102_0304_0506_0708, 8) + [5]
    let payload = [UInt8(key.count)] + key + [UInt8(value.count)] + value
    let checked = little(0, 8) + little(1, 4) + payload
    bytes +=
      little(UInt64(payload.count), 4) + little(UInt64(CRC32C.of(checked, continuing: seed)), 4) + checked
    var trailer = Array("MAGPIESE".utf8) + little(1, 8) + little(1, 8) + little(UInt64(bytes.count), 8)
    trailer += [UInt8](repeating: 0, count: 28)
    bytes += trailer + little(UInt64(CRC32C.of(trailer, continuing: seed)), 4)
    try write(bytes, to: place + "/state.export", replacing: true)
    let old = """
      {"formatVersion":1,"directory":"\(manifest.directory)","position":0,"ingestTime":0,"logBegins":1,\
      "created":2571,"program":"magpied","configurationHash":"0000000000000abc","entries":1,"generations":[],\
      "files":[{"name":"state.export","bytes":\(bytes.count),"sha256":"\(bytes.withUnsafeBytes { SHA256.hex($0) })"}]}
      """
    try write(Array(old.utf8), to: place + "/manifest.json", replacing: true)
    let digest = Array(old.utf8).withUnsafeBytes { SHA256.hex($0) }
    try write(Array("\(digest)  manifest.json\n".utf8), to: place + "/manifest.sha256", replacing: true)
    #expect(try small.shelf.list().first?.manifest?.records == 1)
    let target = small.temporary.path + "/restored"
    _ = try small.restore(manifest.name, to: target)
    let directory = try DataDirectory.open(at: target)
    let store = try StateStore.open(directory)
    #expect(try store.event(try EventIdentifier("e"), of: .default) == record)
    store.close()
    directory.close()
    // A byte flipped anywhere shows here too.
    for flipped in stride(from: 0, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[flipped] ^= 4
      try write(damaged, to: place + "/state.export", replacing: true)
      #expect(fault { _ = try SnapshotShelf.verify(at: place) }?.kind == .corrupt, "byte \(flipped)")
    }
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
    #expect(finished.position == 50)
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
