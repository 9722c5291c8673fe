import Foundation
import Storage
import Testing
import Vocabulary

/// The file that remembers the last scrub.
struct ScrubFileTests {
  private static let identity = [UInt8](1...16)

  private static func record() -> ScrubRecord {
    var record = ScrubRecord(since: Timestamp(microseconds: 3))
    record.last.state = .damaged
    record.last.started = Timestamp(microseconds: 1)
    record.last.finished = Timestamp(microseconds: 2)
    record.last.lastWhole = Timestamp(microseconds: -1)
    record.last.bytes = 300
    record.last.bytesTotal = 300
    record.last.files = 7
    record.last.message = "m"
    record.last.damagesTotal = 9
    record.last.damages = [ScrubDamage(file: "f", message: "gone")]
    return record
  }

  /// The table of docs/storage.md, laid out by hand.
  @Test func theBytesAreThoseOfTheDocument() throws {
    let bytes = ScrubFile.encode(Self.record(), identity: Self.identity)
    #expect(Array(bytes.prefix(12)) == Array("MAGPIESR".utf8) + [1, 0, 0, 0])
    let payload: [UInt8] =
      [6, 3, 2, 4, 1, 0xac, 2, 7, 1] + Array("m".utf8) + [9, 1, 1] + Array("f".utf8) + [4]
      + Array("gone".utf8)
    #expect(Array(bytes[16..<24]) == [UInt8(payload.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[24...]) == payload)
    #expect(try ScrubFile.decode(bytes, identity: Self.identity) == Self.record())
  }

  @Test func everyDamageAndEveryOtherDirectoryIsRefused() {
    let whole = ScrubFile.encode(Self.record(), identity: Self.identity)
    for place in whole.indices {
      for bit in 0..<8 {
        var damaged = whole
        damaged[place] ^= 1 << UInt8(bit)
        #expect(throws: MalformedBytes.self, "byte \(place), bit \(bit)") {
          try ScrubFile.decode(damaged, identity: Self.identity)
        }
      }
      #expect(throws: MalformedBytes.self, "\(place) bytes") {
        try ScrubFile.decode(Array(whole.prefix(place)), identity: Self.identity)
      }
    }
    #expect(throws: MalformedBytes.self) { try ScrubFile.decode(whole + [0], identity: Self.identity) }
    #expect(throws: MalformedBytes.self) {
      try ScrubFile.decode(whole, identity: [UInt8](repeating: 5, count: 16))
    }
  }

  @Test func whatIsWrittenComesBack() throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path + "/data"
    try DataDirectory.initialize(at: path)
    let directory = try DataDirectory.open(at: path)
    defer { directory.close() }
    #expect(try ScrubFile.read(directory) == nil)
    try ScrubFile.write(ScrubRecord(since: Timestamp(microseconds: 5)), in: directory)
    #expect(try ScrubFile.read(directory) == ScrubRecord(since: Timestamp(microseconds: 5)))
    try ScrubFile.write(Self.record(), in: directory)
    #expect(try ScrubFile.read(directory) == Self.record())
    let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.contains("scrub") }
    #expect(names == ["scrub.last"])
  }

  /// As much as a scrub can name, at paths as long as the system allows: the file stays within its bound, and what has no
  /// room is counted all the same.
  @Test func itStaysWithinItsBound() throws {
    var record = Self.record()
    let path = String(repeating: "p", count: 4_096)
    record.last.damages = (0..<Limits.scrubDamagesMax).map {
      ScrubDamage(file: path, message: String(repeating: "m", count: 8_192) + "\($0)")
    }
    record.last.damagesTotal = 5_000
    let bytes = ScrubFile.encode(record, identity: Self.identity)
    #expect(bytes.count <= 24 + Limits.scrubRecordBytesMax)
    let read = try ScrubFile.decode(bytes, identity: Self.identity)
    #expect(read.last.damagesTotal == 5_000)
    #expect(read.last.damages == Array(record.last.damages.prefix(read.last.damages.count)))
    #expect(read.last.damages.count > 100)
  }
}
