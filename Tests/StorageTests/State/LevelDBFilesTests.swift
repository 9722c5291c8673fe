import Glibc
import Storage
import Testing
import Vocabulary

/// What we read of LevelDB's files ourselves, on files that LevelDB wrote.
@Suite struct LevelDBFilesTests {
  /// A state whose records lie in a table: LevelDB moves them there from its log when it is opened again.
  private func files(seed: UInt64, _ suffix: String) throws -> [[UInt8]] {
    let small = try SmallSnapshot(seed: seed)
    try small.grow(60)
    small.store.close()
    try StateStore.open(small.directory).close()
    let place = small.directory.statePath
    return try SystemDisk().list(place).filter { $0.hasSuffix(suffix) || $0.hasPrefix(suffix) }.map {
      try contents(place + "/" + $0)
    }
  }

  private func isTable(_ bytes: [UInt8]) -> Bool {
    (try? bytes.withUnsafeBytes { try LevelDBTable.check($0) }) != nil
  }

  /// How many records, or nil if they do not verify; negative where the last is cut short.
  private func records(_ bytes: [UInt8]) -> Int? {
    var count = 0
    let isWhole = try? bytes.withUnsafeBytes { (bytes) throws(MalformedBytes) in
      try LevelDBRecords.forEach(bytes) { (_) throws(MalformedBytes) in count += 1 }
    }
    return isWhole.map { $0 ? count : -count - 1 }
  }

  @Test func everyByteOfATableIsCovered() throws {
    let tables = try files(seed: 51, ".ldb")
    #expect(!tables.isEmpty)
    for table in tables {
      #expect(isTable(table))
      for place in table.indices {
        var flipped = table
        flipped[place] ^= 1 << UInt8(place % 8)
        #expect(!isTable(flipped), "byte \(place) of \(table.count)")
      }
      for count in stride(from: 0, to: table.count, by: 7) { #expect(!isTable(Array(table.prefix(count)))) }
      #expect(!isTable(table + [0]))
    }
  }

  @Test func everyByteOfALogIsCovered() throws {
    let manifests = try files(seed: 52, "MANIFEST-")
    #expect(manifests.count == 1)
    for log in manifests {
      let count = try #require(records(log))
      #expect(count > 0)
      for place in log.indices {
        var flipped = log
        flipped[place] ^= 1 << UInt8(place % 8)
        // A length that reaches beyond the end looks cut short, which no file of a snapshot may be.
        #expect((records(flipped) ?? -1) < 0, "byte \(place) of \(log.count)")
      }
      #expect(try #require(records(Array(log.dropLast()))) == -count)
    }
  }

  /// Records larger than a block, and such that end where a block has too little left for another.
  @Test func recordsInSeveralFragments() throws {
    let small = try SmallSnapshot(seed: 53)
    for count in [1, 900, 3, 1200] { try small.grow(count) }
    let logs = try SystemDisk().list(small.directory.statePath).filter { $0.hasSuffix(".log") }
    let found = try logs.map { try #require(records(try contents(small.directory.statePath + "/" + $0))) }
    // One for each batch; those before come from making the state.
    #expect(found.reduce(0, +) == 4)
  }

  /// By the rules of Snappy's format_description.txt.
  @Test func snappyByHand() throws {
    func decompressed(_ bytes: [UInt8], max: Int = 1000) -> [UInt8]? {
      bytes.withUnsafeBytes { try? Snappy.decompressed($0, bytesMax: max) }
    }
    let abc = Array("abc".utf8)
    #expect(decompressed([0]) == [])
    #expect(decompressed([3, 2 << 2] + abc) == abc)
    // A copy of 4 from 3 back, length and distance in two bytes: what it copies is partly its own.
    #expect(decompressed([7, 2 << 2] + abc + [1, 3]) == Array("abcabca".utf8))
    // The same with two and with four bytes of distance.
    #expect(decompressed([7, 2 << 2] + abc + [3 << 2 | 2, 3, 0]) == Array("abcabca".utf8))
    #expect(decompressed([7, 2 << 2] + abc + [3 << 2 | 3, 3, 0, 0, 0]) == Array("abcabca".utf8))
    // A literal of 61 bytes has its length in a byte of its own.
    let long = [UInt8](repeating: 7, count: 61)
    #expect(decompressed([61, 60 << 2, 60] + long) == long)
    for bad: [UInt8] in [
      [], [4, 2 << 2] + abc, [2, 2 << 2] + abc, [3, 2 << 2] + abc.dropLast(), [7, 2 << 2] + abc + [1, 4],
      [7, 2 << 2] + abc + [1, 0], [6, 2 << 2] + abc + [1, 3], [61, 60 << 2],
    ] { #expect(decompressed(bad) == nil, "\(bad)") }
    #expect(decompressed([3, 2 << 2] + abc, max: 2) == nil)
  }

  /// While LevelDB flushes and compacts, what is held is a store with exactly the records of that moment.
  @Test func filesAreHeldWhileLevelDBCompacts() throws {
    let small = try SmallSnapshot(seed: 54)
    try small.shelf.make()
    var texts = SplitText(seed: 54)
    var exports: [(StateExport, UInt32)] = []
    var items: UInt32 = 0
    for round in 1...48 {
      var batch = StateBatch(applied: Position(UInt64(round)), for: small.store)
      for _ in 0..<100 {
        var item = Item(id: try ItemIdentifier("i\(items)"))
        item.text = texts.next(bytes: 40_000)
        var record = ItemRecord(index: ItemIndex(items), id: item.id, firstPosition: Position(1))
        record.item = item
        batch.put(record, of: .default)
        items += 1
      }
      try small.store.write(batch)
      exports.append((try small.store.beginExport(), items))
      // A few are held at a time, so that tables go which only they kept.
      if exports.count > 3 {
        let (export, count) = exports.removeFirst()
        let manifest = SnapshotManifest(
          directory: small.directory.identity, position: export.position, ingestTime: .zero,
          logBegins: Position(1), created: Timestamp(microseconds: Int64(round)), program: "test",
          configurationHash: 0, generations: [])
        let writer = try SnapshotWriter(on: small.shelf, manifest: manifest) { _ in true }
        try writer.addState(export)
        let made = try writer.finish()
        if round % 11 == 0 {
          let target = small.temporary.path + "/restored-\(round)"
          _ = try small.restore(made.name, to: target)
          let directory = try DataDirectory.open(at: target)
          let store = try StateStore.open(directory)
          var found: UInt32 = 0
          try store.forEachItem(.default) { record in
            #expect(record.index.value == found)
            found += 1
          }
          #expect(found == count)
          #expect(try store.applied() == export.position)
          store.close()
          directory.close()
        }
        _ = try small.shelf.prune(keep: 1)
      }
    }
  }
}

/// Texts that do not compress, so that LevelDB has something to do.
private struct SplitText {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(bytes: Int) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes)
    while text.count < bytes {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for shift: UInt64 in [16, 22, 28, 34, 40, 46, 52, 58] {
        text.append(UInt8(0x30 + (state >> shift) & 0x3f))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
