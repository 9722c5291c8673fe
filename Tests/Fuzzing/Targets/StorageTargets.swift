import Checksums
import Foundation
import Storage
import Vocabulary

extension FuzzTarget {
  /// A segment file. Its checksums are made right first, or nothing behind them would ever be read; one input in
  /// two keeps them as they are.
  static let logSegment = FuzzTarget(
    name: "log-segment", about: "segment files of the log",
    seeds: {
      [[1] + (try StorageSeeds.segment(isSealed: false)), [1] + (try StorageSeeds.segment(isSealed: true))]
    },
    make: {
      let scratch = try Scratch()
      return { input in
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { StorageSeeds.repairSegment(&bytes) }
        try scratch.write(bytes, to: "00000000000000000001.log")
        do throws(StorageFault) {
          var reader = try LogReader(path: scratch.path, from: Position(1), through: nil)
          var next: UInt64 = 1
          while let record = try reader.next() {
            // Dense positions are what everything else rests on.
            guard record.firstPosition.value == next, !record.entries.isEmpty else {
              throw StorageFault(.invalid, file: "", "positions are not dense")
            }
            next += UInt64(record.entries.count)
          }
        } catch {
          try expect(error.kind != .invalid, "the reader of the log broke its rule: \(error)")
        }
      }
    })

  /// One entry of a record.
  static let logEntry = FuzzTarget(
    name: "log-entry", about: "entries of the log",
    seeds: { try StorageSeeds.entries().map { EntryCodec.encode($0) } },
    make: {
      { input in
        let bytes = Array(input)
        guard let entry = try? EntryCodec.decode(bytes) else { return }
        // Every value has exactly one encoding.
        try expect(EntryCodec.encode(entry) == bytes, "an entry has two encodings")
        if case .event(let event) = entry.change { _ = EntryCodec.contentHash(of: event) }
      }
    })

  /// Values of the state, and slots of the superblock: the first byte says which.
  static let state = FuzzTarget(
    name: "state", about: "values in LevelDB: users, items, events; and the superblock",
    seeds: { try StorageSeeds.stateValues() },
    make: {
      let user = try UserIdentifier("u")
      return { input in
        guard let first = input.first else { return }
        let value = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        let bytes = Array(value)
        switch first % 4 {
        case 0:
          guard let record = try? UserRecordCodec.decode(value, id: user) else { return }
          let written = UserRecordCodec.encode(record)
          // A record of an earlier version begins with its number, and is written in this one.
          let isOlder = (bytes.first ?? 0) < (written.first ?? 0)
          try expect(written == bytes || isOlder, "a user's record has two encodings")
          let again = try written.withUnsafeBytes { try UserRecordCodec.decode($0, id: user) }
          try expect(UserRecordCodec.encode(again) == written, "a user's record changes when it is read")
        case 1:
          guard let record = try? ItemRecordCodec.decode(value, index: ItemIndex(3)) else { return }
          try expect(ItemRecordCodec.encode(record) == bytes, "an item's record has two encodings")
        case 2:
          guard let record = try? EventRecord(decoding: value) else { return }
          try expect(record.encoded() == bytes, "an event's record has two encodings")
        default: _ = try? Superblock.decode(bytes, file: "superblock")
        }
      }
    })

  static let deadLetters = FuzzTarget(
    name: "dead-letters", about: "the file of refused events",
    seeds: { [StorageSeeds.deadLetters()] },
    make: {
      { input in
        var letters: [DeadLetter] = []
        let bytes = Array(input)
        if let whole = DeadLetterFile.decode(bytes, identity: StorageSeeds.identity, into: &letters) {
          try expect(whole <= bytes.count, "more was read than there is")
        }
        // And a letter by itself, past the checksum.
        guard let letter = try? DeadLetterCodec.decode(input) else { return }
        var writer = ByteWriter()
        DeadLetterCodec.encode(letter, into: &writer)
        let again = try writer.bytes.withUnsafeBytes { try DeadLetterCodec.decode($0) }
        var second = ByteWriter()
        DeadLetterCodec.encode(again, into: &second)
        try expect(second.bytes == writer.bytes, "a dead letter does not survive a round trip")
      }
    })
}
