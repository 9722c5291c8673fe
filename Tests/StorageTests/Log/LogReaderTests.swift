import Checksums
import Storage
import Testing
import Vocabulary

@Suite struct LogReaderTests {
  /// Every pair of bounds gives exactly the positions between them.
  @Test func everyRangeIsCutToItsBounds() throws {
    let small = try SmallLog(records: 5, sealAfter: [2, 3])
    let all = small.records.flatMap { record in
      record.entries.enumerated().map { (record.firstPosition.value + UInt64($0.offset), $0.element) }
    }
    for from in 0...(all.count + 2) {
      for through in 0...all.count {
        let records = try readAll(
          small.directory.logPath, from: Position(UInt64(from)), through: Position(UInt64(through)))
        var found: [UInt64] = []
        for record in records {
          for (offset, entry) in record.entries.enumerated() {
            found.append(record.firstPosition.value + UInt64(offset))
            #expect(entry == all[Int(found[found.count - 1]) - 1].1)
          }
        }
        let expected = all.map { $0.0 }.filter { $0 >= UInt64(from) && $0 <= UInt64(through) }
        #expect(found == expected, "from \(from) through \(through)")
      }
    }
  }

  @Test func progressEndsAtTheTotal() throws {
    let small = try SmallLog(records: 5, sealAfter: [2, 3])
    var reader = try LogReader(path: small.directory.logPath, from: Position(1))
    var last: UInt64 = 0
    while try reader.next() != nil {
      #expect(reader.bytesRead >= last && reader.bytesRead <= reader.bytesTotal)
      last = reader.bytesRead
    }
    #expect(reader.bytesRead == reader.bytesTotal)
    #expect(try reader.next() == nil)
  }

  /// The trainer reads up to a sealed position while the daemon is in the middle of a write.
  @Test func readerWithABoundNeverLooksBehindIt() throws {
    let small = try SmallLog(records: 3)
    let through = small.last(1)
    let half = Array(small.bytes[..<(small.bytes.count - 3)])
    try write(half, to: small.segment)
    #expect(try readAll(small.directory.logPath, through: through) == Array(small.records[..<2]))
    #expect(fault { _ = try readAll(small.directory.logPath) }?.kind == .corrupt)
    #expect(fault { _ = try readAll(small.directory.logPath, through: small.last(2)) }?.kind == .corrupt)
  }

  @Test func readerFollowsALogThatGrowsBetweenItsCalls() throws {
    let small = try SmallLog(records: 2, sealAfter: [1])
    var reader = try LogReader(path: small.directory.logPath, from: Position(1), through: small.last(1))
    let log = try EventLog.open(small.directory)
    #expect(try reader.next() == small.records[0])
    _ = try log.append([SmallLog.entry(1)], ingestTime: .zero)
    _ = try log.seal()
    _ = try log.append([SmallLog.entry(2)], ingestTime: .zero)
    #expect(try reader.next() == small.records[1])
    #expect(try reader.next() == nil)
  }

  @Test func aLogThatEndsEarlyIsSaid() throws {
    let small = try SmallLog(records: 2)
    let found = fault { _ = try readAll(small.directory.logPath, through: Position(4)) }
    #expect(found?.kind == .corrupt)
    #expect(found?.message.contains("before position 4") == true)
    let missing = fault { _ = try LogReader(path: small.temporary.path + "/none", from: .zero) }
    #expect(missing?.kind == .notInitialized)
  }

  /// A record whose checksum is right and whose entries are not: a bug of ours, not of the disk.
  @Test func undecodableEntryIsNamed() throws {
    let small = try SmallLog(records: 2)
    let directory = small.directory
    var bytes = small.bytes
    // The first byte of the first entry of the first record: its version.
    bytes[64 + 28 + 1] = 9
    let end = small.offsets[1]
    let seed = RecordHeader.seed(identity: directory.identity)
    let checksum = CRC32C.of(Array(bytes[72..<end]), continuing: seed)
    for shift in 0..<4 { bytes[68 + shift] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(shift))) }
    try write(bytes, to: small.segment)
    let found = fault { _ = try readAll(directory.logPath) }
    #expect(found?.kind == .corrupt)
    #expect(found?.file == small.segment)
    #expect(found?.message.contains("record at byte 64") == true)
  }
}
