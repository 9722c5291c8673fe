import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct StateDamageTests {
  /// Enough for several blocks in each table, so that opening does not read them all.
  private let perRound = 500

  /// A state with tables, a write-ahead log and a some items.
  private func filled() throws -> (TemporaryDirectory, DataDirectory, count: Int) {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let count = 3 * perRound
    for round in 0..<3 {
      // Opening again turns the write-ahead log into a table.
      let store = try StateStore.open(directory)
      var batch = StateBatch(applied: Position(UInt64(round + 1)), for: store)
      for number in (perRound * round)..<(perRound * (round + 1)) {
        var record = ItemRecord(
          index: ItemIndex(UInt32(number)), id: try ItemIdentifier("item\(number)"), firstPosition: .zero)
        record.eventCount = UInt64(number)
        batch.put(record, of: .default)
      }
      try store.write(batch)
      store.close()
    }
    return (temporary, directory, count)
  }

  private func files(_ directory: DataDirectory, _ suffix: String) throws -> [String] {
    try SystemDisk().list(directory.statePath).filter { $0.hasSuffix(suffix) }
      .map { directory.statePath + "/" + $0 }
  }

  /// All items, or the fault that says why not.
  private func readAll(_ directory: DataDirectory) throws -> Int {
    let store = try StateStore.open(directory)
    defer { store.close() }
    var count = 0
    try store.forEachItem(.default) { record in
      if record.eventCount == UInt64(record.index.value) { count += 1 }
    }
    return count
  }

  @Test func missingCurrentIsRefusedAndNothingIsCreated() throws {
    let (temporary, directory, _) = try filled()
    let current = directory.statePath + "/CURRENT"
    try SystemDisk().remove(file: current)
    let before = try SystemDisk().list(directory.statePath)
    let found = fault { _ = try StateStore.open(directory) }
    #expect(found?.kind == .corrupt)
    #expect(found?.exitCode == 65)
    #expect(found?.file == current)
    #expect(try SystemDisk().list(directory.statePath) == before)
    withExtendedLifetime(temporary) {}
  }

  @Test func stateOfAnotherDirectoryIsRefused() throws {
    let (first, directory, _) = try filled()
    let second = try TemporaryDirectory()
    let other = try second.initialized()
    try SystemDisk().move(directory.statePath, to: first.path + "/state")
    try copyTree(other.statePath, to: directory.statePath)
    #expect(fault { _ = try StateStore.open(directory) }?.kind == .corrupt)
  }

  @Test func tableCutShortOrMissingIsNamed() throws {
    let (temporary, directory, _) = try filled()
    let table = try #require(try files(directory, ".ldb").first)
    let bytes = try contents(table)
    for cut in [0, 1, bytes.count / 2, bytes.count - 1] {
      try write(Array(bytes[..<cut]), to: table)
      let found = fault { _ = try StateStore.open(directory) }
      #expect(found?.kind == .corrupt, "cut at \(cut)")
    }
    try SystemDisk().remove(file: table)
    #expect(fault { _ = try StateStore.open(directory) }?.kind == .corrupt)
    withExtendedLifetime(temporary) {}
  }

  /// A flipped byte is reported, or hits nothing that is read; never does an item vanish or change.
  @Test func flippedBytesNeverLoseAnItemInSilence() throws {
    let (temporary, directory, count) = try filled()
    let pristine = temporary.path + "/pristine"
    try copyTree(directory.statePath, to: pristine)
    var samples = Samples(seed: 11)
    var refused = 0
    for suffix in [".ldb", ".log"] {
      for name in try SystemDisk().list(pristine).filter({ $0.hasSuffix(suffix) }) {
        let bytes = try contents(pristine + "/" + name)
        for _ in 0..<(bytes.isEmpty ? 0 : 12) {
          let place = samples.integer(0...(bytes.count - 1))
          try SystemDisk().move(
            directory.statePath, to: temporary.path + "/used-\(refused)-\(place)-\(name)")
          try copyTree(pristine, to: directory.statePath)
          var flipped = bytes
          flipped[place] ^= 0x40
          try write(flipped, to: directory.statePath + "/" + name)
          do {
            #expect(try readAll(directory) == count, "byte \(place) of \(name)")
          } catch let found as StorageFault {
            #expect(found.kind == .corrupt, "byte \(place) of \(name): \(found)")
            refused += 1
          }
        }
      }
    }
    #expect(refused > 10)
  }

  @Test func errorOfAReadFencesTheHandle() throws {
    let (temporary, directory, _) = try filled()
    // The newest table: its first block holds items alone, which opening does not read.
    let table = try #require(try files(directory, ".ldb").last)
    var bytes = try contents(table)
    bytes[10] ^= 0x40
    try write(bytes, to: table)
    let store = try StateStore.open(directory)
    let scan = fault { try store.forEachItem(.default) { _ in } }
    #expect(scan?.kind == .corrupt)
    #expect(store.isFenced)
    #expect(fault { try store.write(StateBatch(applied: Position(9), for: store)) }?.kind == .fenced)
    #expect(fault { _ = try store.event(EventIdentifier("e"), of: .default) }?.kind == .fenced)
    store.close()
    withExtendedLifetime(temporary) {}
  }

  @Test func rebuildSetsTheOldStateAsideAndBeginsAnew() throws {
    let (temporary, directory, _) = try filled()
    try SystemDisk().remove(file: directory.statePath + "/CURRENT")
    let before = try SystemDisk().list(directory.statePath)
    let rebuilt = try StateStore.rebuild(
      directory, end: .zero, snapshots: SnapshotShelf(path: directory.snapshotsPath))
    let (store, setAside) = (rebuilt.store, rebuilt.setAside)
    #expect(try store.applied() == .zero)
    var count = 0
    try store.forEachItem(.default) { _ in count += 1 }
    #expect(count == 0)
    store.close()
    let aside = try #require(setAside)
    #expect(aside.hasPrefix(directory.quarantinePath + "/"))
    #expect(try SystemDisk().list(aside) == before)
    try StateStore.open(directory).close()
    // And once more where there is nothing at all.
    try SystemDisk().move(directory.statePath, to: temporary.path + "/gone")
    let again = try StateStore.rebuild(
      directory, end: .zero, snapshots: SnapshotShelf(path: directory.snapshotsPath))
    #expect(again.setAside == nil)
    again.store.close()
  }

  /// LevelDB itself opens such a directory without a word and has lost the tables behind the cut.
  @Test func manifestCutShortNeverLosesAnItemInSilence() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    var store = try StateStore.open(directory)
    // Enough to fill the write buffer several times within one opening.
    var item = Item(id: try ItemIdentifier("i"))
    item.text = String(repeating: "x", count: Limits.textBytesMax)
    let perBatch = 1000
    var written = 0
    let batches = 5 * Limits.stateWriteBufferBytes / (2 * perBatch * Limits.textBytesMax)
    for number in 1...batches {
      var batch = StateBatch(applied: Position(UInt64(number)), for: store)
      for _ in 0..<perBatch {
        var record = ItemRecord(index: ItemIndex(UInt32(written)), id: item.id, firstPosition: .zero)
        record.item = item
        record.eventCount = UInt64(written)
        batch.put(record, of: .default)
        written += 1
      }
      try store.write(batch)
    }
    store.close()
    let pristine = temporary.path + "/pristine"
    try copyTree(directory.statePath, to: pristine)
    let name = try #require(try SystemDisk().list(pristine).first { $0.hasPrefix("MANIFEST-") })
    let manifest = try contents(pristine + "/" + name)
    var refused = 0
    let cuts = [0, 2, 3, 4].map { $0 * manifest.count / 5 } + [manifest.count - 1, manifest.count]
    for (number, cut) in cuts.enumerated() {
      try SystemDisk().move(directory.statePath, to: temporary.path + "/used-\(number)")
      try copyTree(pristine, to: directory.statePath)
      try write(Array(manifest[..<cut]), to: directory.statePath + "/" + name)
      do {
        store = try StateStore.open(directory)
        defer { store.close() }
        var count = 0
        try store.forEachItem(.default) { _ in count += 1 }
        #expect(count == Int(try store.applied().value) * perBatch, "cut at \(cut) of \(manifest.count)")
      } catch {
        #expect(error.kind == .corrupt, "cut at \(cut): \(error)")
        #expect(cut < manifest.count, "an intact state was refused: \(error)")
        refused += 1
      }
    }
    #expect(refused > 0)
  }
}
