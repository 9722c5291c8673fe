import Foundation
import Storage
import Testing
import Vocabulary

/// The file of what was changed at run time.
struct ChangeFileTests {
  private let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "magpie-changes-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  private static let revisions = [
    ConfigurationRevision(
      number: 1, time: Timestamp(microseconds: 1), action: .set, configurationHash: 0x0807_0605_0403_0201,
      entries: [ConfigurationEntry(path: "a.b", value: .plain("x"))]),
    ConfigurationRevision(
      number: 2, time: Timestamp(microseconds: -1), action: .apply, configurationHash: 9,
      entries: [
        ConfigurationEntry(path: "q", value: .quoted("ü")),
        ConfigurationEntry(path: "l", value: .list(["1", ""])),
        ConfigurationEntry(path: "n", value: .nothing),
      ]),
  ]

  @Test func theBytesAreThoseOfTheDocument() {
    let bytes = ChangeFile.encode([Self.revisions[0]])
    #expect(Array(bytes.prefix(12)) == Array("MAGPIECF".utf8) + [1, 0, 0, 0])
    let payload: [UInt8] =
      [1, 1, 2, 2, 1, 2, 3, 4, 5, 6, 7, 8, 1] + [3] + Array("a.b".utf8) + [0, 1] + Array("x".utf8)
    #expect(Array(bytes[16..<24]) == [UInt8(payload.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[24...]) == payload)
  }

  @Test func whatIsWrittenComesBack() throws {
    #expect(try ChangeFile.read(at: directory) == [])
    for count in 0...2 {
      try ChangeFile.write(Array(Self.revisions.prefix(count)), at: directory)
      #expect(try ChangeFile.read(at: directory) == Array(Self.revisions.prefix(count)))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [ChangeFile.name])
    try FileManager.default.removeItem(atPath: directory)
  }

  /// Every byte changed, every length cut: refused with the file's name, or, where only a torn write was left behind,
  /// the file before.
  @Test func damageIsRefused() throws {
    try ChangeFile.write(Self.revisions, at: directory)
    let path = directory + "/" + ChangeFile.name
    let whole = try #require(FileManager.default.contents(atPath: path)).map { $0 }
    for place in whole.indices {
      var damaged = whole
      damaged[place] ^= 0x40
      try Data(damaged).write(to: URL(filePath: path))
      #expect(throws: StorageFault.self, "byte \(place)") { try ChangeFile.read(at: directory) }
      try Data(whole.prefix(place)).write(to: URL(filePath: path))
      #expect(throws: StorageFault.self, "\(place) bytes") { try ChangeFile.read(at: directory) }
    }
    var newer = whole
    newer[8] = 2
    try Data(newer).write(to: URL(filePath: path))
    do throws(StorageFault) {
      _ = try ChangeFile.read(at: directory)
      Issue.record("a newer file was read")
    } catch {
      #expect(error.kind == .newerFormat && error.file == path)
    }
    try Data(whole).write(to: URL(filePath: path))
    try Data([1, 2, 3]).write(to: URL(filePath: path + ".partial"))
    #expect(try ChangeFile.read(at: directory) == Self.revisions)
    try FileManager.default.removeItem(atPath: directory)
  }
}
