import Checksums
import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct LogDamageTests {
  // MARK: Torn tails

  /// A crash may cut the last write anywhere.
  @Test func lastRecordCutAtEveryOffsetIsSetAsideAndTheRestKept() throws {
    let small = try SmallLog(records: 3)
    let start = try #require(small.offsets.last)
    for cut in start..<small.bytes.count {
      try write(Array(small.bytes[..<cut]), to: small.segment)
      let found = try small.reopened()
      #expect(found.records == Array(small.records.dropLast()), "cut at \(cut)")
      #expect(found.next == small.records.last?.firstPosition, "cut at \(cut)")
      guard cut > start else {
        #expect(found.tail == nil)
        continue
      }
      let tail = try #require(found.tail, "cut at \(cut)")
      #expect(tail.bytes == UInt64(cut - start))
      #expect(try contents(tail.file) == Array(small.bytes[start..<cut]), "cut at \(cut)")
      #expect(try contents(small.segment) == Array(small.bytes[..<start]), "cut at \(cut)")
      #expect(try small.reopened().tail == nil)
    }
  }

  /// The file system may have given the size and not the bytes.
  @Test func tailOfZeroesOrNoiseIsSetAside() throws {
    let small = try SmallLog(records: 2)
    var samples = Samples(seed: 7)
    for length in [1, 7, 8, 27, 28, 63, 64, 500, 100_000] {
      let noise = (0..<length).map { _ in UInt8(samples.integer(0...255)) }
      for tail in [[UInt8](repeating: 0, count: length), noise] {
        try write(small.bytes + tail, to: small.segment)
        let found = try small.reopened()
        #expect(found.records == small.records)
        #expect(found.tail?.bytes == UInt64(length))
      }
    }
  }

  @Test func appendingGoesOnAfterATornTail() throws {
    let small = try SmallLog(records: 3)
    try write(Array(small.bytes.dropLast(5)), to: small.segment)
    let log = try EventLog.open(small.directory)
    #expect(log.tornTail?.last == small.last(1))
    let first = try log.append([SmallLog.entry(9)], ingestTime: .zero)
    try log.synchronize()
    log.close()
    #expect(first == small.records[2].firstPosition)
    #expect(try small.reopened().records.last?.entries == [SmallLog.entry(9)])
  }

  /// An item may contain anything, the image of a log record too: someone who knows the format, but not the
  /// directory's identity, must not be able to make a torn write look like damage.
  @Test func imageOfARecordInsideATornRecordIsNotTakenForOne() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    var body = ByteWriter()
    body.append(fixed64: 2)
    body.append(fixed32: 1)
    body.append(fixed64: 1_700_000_000_000_000)
    body.append(prefixed: EntryCodec.encode(SmallLog.entry(1)))
    body.append(zeros: (4 - body.bytes.count % 4) % 4)
    var image = ByteWriter()
    image.append(fixed32: UInt32(body.bytes.count))
    image.append(fixed32: CRC32C.of(body.bytes))
    image.append(raw: body.bytes)
    var item = Item(id: try ItemIdentifier("i"))
    let values = image.bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) }
    }
    item.vectors = [NamedVector(name: "v", values: values), NamedVector(name: "w", values: [1, 2])]
    let log = try EventLog.open(directory)
    _ = try log.append([LogEntry(tenant: .default, change: .putItem(item))], ingestTime: .zero)
    log.close()
    let path = directory.logPath + "/00000000000000000001.log"
    let bytes = try contents(path)
    let found = (0..<(bytes.count - image.bytes.count)).contains { start in
      bytes[start..<(start + image.bytes.count)].elementsEqual(image.bytes)
    }
    #expect(found, "the image must lie in the log as it is")
    try write(bytes.dropLast(1), to: path)
    #expect(try EventLog.open(directory).tornTail != nil)
  }

  // MARK: Damage

  /// With everything acknowledged no flipped bit may pass, wherever it is.
  @Test func everyFlippedBitOfAnAcknowledgedSegmentIsRefused() throws {
    let small = try SmallLog(records: 3)
    try small.directory.recordAcknowledged(small.last(2))
    for bit in 0..<(8 * small.bytes.count) {
      var flipped = small.bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(flipped, to: small.segment)
      let found = fault { _ = try EventLog.open(small.directory) }
      #expect(found?.kind == .corrupt, "bit \(bit)")
      #expect(found?.file == small.segment, "bit \(bit)")
      #expect(fault { _ = try readAll(small.directory.logPath) }?.kind == .corrupt, "bit \(bit)")
    }
    // Nothing was changed on the way.
    #expect(try contents(small.segment).count == small.bytes.count)
    #expect(try SystemDisk().list(small.directory.quarantinePath).isEmpty)
  }

  /// Without the high-water mark only the last record can be mistaken for a torn write; it is kept aside.
  @Test func flippedBitBeforeTheLastRecordIsNeverCutOff() throws {
    let small = try SmallLog(records: 3)
    let last = small.offsets[2]
    for byte in 0..<small.bytes.count {
      var flipped = small.bytes
      flipped[byte] ^= 0x10
      try write(flipped, to: small.segment)
      if byte < last {
        #expect(fault { _ = try EventLog.open(small.directory) }?.kind == .corrupt, "byte \(byte)")
        #expect(try contents(small.segment) == flipped, "byte \(byte)")
      } else {
        let found = try small.reopened()
        #expect(found.records == Array(small.records.dropLast()), "byte \(byte)")
        #expect(try contents(try #require(found.tail).file) == Array(flipped[last...]), "byte \(byte)")
      }
    }
  }

  @Test func everyFlippedBitOfASealedSegmentIsRefusedByTheReader() throws {
    let small = try SmallLog(records: 3, sealAfter: [3])
    let sealed = small.directory.logPath + "/00000000000000000001.log"
    let bytes = try contents(sealed)
    for bit in 0..<(8 * bytes.count) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(flipped, to: sealed)
      let found = fault { _ = try readAll(small.directory.logPath) }
      #expect(found?.kind == .corrupt && found?.file == sealed, "bit \(bit)")
    }
    // Opening reads header and footer alone, and notices what is wrong with those.
    for byte in Array(0..<64) + Array((bytes.count - 64)..<bytes.count) {
      var flipped = bytes
      flipped[byte] ^= 4
      try write(flipped, to: sealed)
      #expect(fault { _ = try EventLog.open(small.directory) }?.file == sealed, "byte \(byte)")
    }
    for cut in 0..<bytes.count {
      try write(Array(bytes[..<cut]), to: sealed)
      #expect(fault { _ = try EventLog.open(small.directory) }?.kind == .corrupt, "cut at \(cut)")
      #expect(fault { _ = try readAll(small.directory.logPath) }?.kind == .corrupt, "cut at \(cut)")
    }
  }

  @Test func logThatEndsBeforeWhatWasAcknowledgedIsRefused() throws {
    let small = try SmallLog(records: 3)
    try small.directory.recordAcknowledged(small.last(2))
    // Cleanly shorter: every record left is intact.
    let cut = Array(small.bytes[..<small.offsets[2]])
    try write(cut, to: small.segment)
    let found = fault { _ = try EventLog.open(small.directory) }
    #expect(found?.kind == .corrupt)
    #expect(found?.exitCode == 65)
    #expect(found?.message.contains("position \(small.last(2).value) was acknowledged") == true)
    #expect(try contents(small.segment) == cut)
    try write(small.bytes, to: small.segment)
    let log = try EventLog.open(small.directory)
    #expect(fault { try log.requireCovers(log.next) }?.kind == .corrupt)
    try log.requireCovers(small.last(2))
  }

  // MARK: Files that are missing, foreign or elsewhere

  private func refusal(_ prepare: (SmallLog, String) throws -> Void) throws -> StorageFault? {
    let small = try SmallLog(records: 6, sealAfter: [1, 3])
    let log = small.directory.logPath + "/"
    try prepare(small, log)
    let opening = fault { _ = try EventLog.open(small.directory) }
    let reading = fault { _ = try readAll(small.directory.logPath) }
    #expect(opening?.kind == reading?.kind)
    return opening
  }

  @Test func missingSegmentsAreNoticed() throws {
    // Positions 1, 2-6 and 7-21 lie in three segments.
    let names = ["00000000000000000001.log", "00000000000000000002.log", "00000000000000000007.log"]
    let whole = try SmallLog(records: 6, sealAfter: [1, 3])
    #expect(try SystemDisk().list(whole.directory.logPath) == names)
    for name in names.dropLast() {
      let found = try refusal { _, log in try SystemDisk().remove(file: log + name) }
      #expect(found?.kind == .corrupt, "\(name)")
    }
    let none = try refusal { _, log in for name in names { try SystemDisk().remove(file: log + name) } }
    #expect(none?.kind == .corrupt)
    // The last one can only be missed by the mark.
    let small = try SmallLog(records: 6, sealAfter: [1, 3])
    try small.directory.recordAcknowledged(small.last(5))
    try SystemDisk().remove(file: small.directory.logPath + "/" + names[2])
    #expect(fault { _ = try EventLog.open(small.directory) }?.kind == .corrupt)
  }

  @Test func misnamedAndForeignFilesAreNoticed() throws {
    let stranger = try refusal { _, log in try write([1], to: log + "notes.txt") }
    #expect(stranger?.kind == .corrupt && stranger?.file.hasSuffix("notes.txt") == true)
    let renamed = try refusal { _, log in
      try SystemDisk().move(log + "00000000000000000002.log", to: log + "00000000000000000003.log")
    }
    #expect(renamed?.kind == .corrupt)
    let swapped = try refusal { _, log in
      try write(try contents(log + "00000000000000000001.log"), to: log + "00000000000000000002.log")
    }
    #expect(swapped?.kind == .corrupt && swapped?.file.hasSuffix("02.log") == true)
    let other = try SmallLog(records: 6, sealAfter: [1, 3])
    let exchanged = try refusal { _, log in
      try write(try contents(other.segment), to: log + "00000000000000000007.log")
    }
    #expect(exchanged?.kind == .corrupt)
    #expect(exchanged?.message.contains("another data directory") == true)
  }

  @Test func newerFormatIsRefused() throws {
    let found = try refusal { small, log in
      var bytes = small.bytes
      bytes[8] = 2
      let checksum = CRC32C.of(Array(bytes[..<60]))
      for shift in 0..<4 { bytes[60 + shift] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(shift))) }
      try write(bytes, to: small.segment)
    }
    #expect(found?.kind == .newerFormat)
    #expect(found?.exitCode == 78)
  }

  // MARK: Crashes between two steps

  @Test func crashBetweenFooterAndNextSegmentIsRepaired() throws {
    let small = try SmallLog(records: 3, sealAfter: [3])
    try SystemDisk().remove(file: small.segment)
    try write([1, 2, 3], to: small.directory.logPath + "/00000000000000000007.log.partial")
    let found = try small.reopened()
    #expect(found.records == small.records)
    #expect(found.next == Position(7))
    #expect(found.tail == nil)
    #expect(
      try SystemDisk().list(small.directory.logPath)
        == ["00000000000000000001.log", "00000000000000000007.log"])
    let aside = try SystemDisk().list(small.directory.quarantinePath)
    #expect(aside.count == 1 && aside[0].hasSuffix("00000000000000000007.log.partial"))
  }

  @Test func tornFooterIsCutOff() throws {
    let small = try SmallLog(records: 3, sealAfter: [3])
    try SystemDisk().remove(file: small.segment)
    let sealed = small.directory.logPath + "/00000000000000000001.log"
    let bytes = try contents(sealed)
    for cut in stride(from: bytes.count - 63, to: bytes.count, by: 7) {
      try write(Array(bytes[..<cut]), to: sealed)
      let found = try small.reopened()
      #expect(found.records == small.records, "cut at \(cut)")
      #expect(found.tail?.bytes == UInt64(cut - (bytes.count - 64)), "cut at \(cut)")
    }
  }

  @Test func bytesBehindAFooterAreRefused() throws {
    let small = try SmallLog(records: 3, sealAfter: [3])
    try SystemDisk().remove(file: small.segment)
    let sealed = small.directory.logPath + "/00000000000000000001.log"
    try write(try contents(sealed) + [0], to: sealed)
    #expect(fault { _ = try EventLog.open(small.directory) }?.kind == .corrupt)
  }
}
