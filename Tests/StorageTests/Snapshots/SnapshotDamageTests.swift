import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct SnapshotDamageTests {
  /// Every kind of damage to every file: refused, naming the file, before anything is made.
  @Test func damagedSnapshotsAreRefusedBeforeAnythingIsMade() throws {
    let small = try SmallSnapshot(seed: 21)
    try small.grow(100)
    let name = try small.snapshot().name
    let whole = small.shelf.path(of: name)
    let target = small.temporary.path + "/restored"
    for file in try SystemDisk().list(whole) {
      let path = whole + "/" + file
      let bytes = try contents(path)
      var damages: [(String, [UInt8]?)] = [("deleted", nil), ("emptied", [])]
      damages.append(("zeroed", [UInt8](repeating: 0, count: bytes.count)))
      damages.append(("lengthened", bytes + [0]))
      for cut in [1, bytes.count / 2, bytes.count - 1] {
        damages.append(("cut at \(cut)", Array(bytes[..<cut])))
      }
      for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
        var flipped = bytes
        flipped[place] ^= 0x10
        damages.append(("flipped at \(place)", flipped))
      }
      for (what, damaged) in damages {
        if let damaged {
          try write(damaged, to: path, replacing: true)
        } else {
          try SystemDisk().remove(file: path)
        }
        let restore = SnapshotRestore(snapshot: whole, target: target, log: nil, end: .all)
        let found = fault { _ = try restore.plan() }
        #expect(found?.kind == .corrupt, "\(file) \(what): \(String(describing: found))")
        #expect(found?.exitCode == 65)
        #expect(found?.file.hasPrefix(whole + "/") == true, "\(file) \(what): \(String(describing: found))")
        #expect(try SystemDisk().entry(at: target) == .missing)
      }
      try write(bytes, to: path, replacing: true)
    }
    _ = try small.restore(name, to: target)
  }

  /// A block of another directory's export, with all its own checksums right, is none of this one.
  @Test func anExportOfAnotherDirectoryIsRefused() throws {
    let small = try SmallSnapshot(seed: 22)
    let other = try SmallSnapshot(seed: 22)
    try small.grow(20)
    try other.grow(20)
    let name = try small.snapshot().name
    let stranger = try other.snapshot().name
    let path = small.shelf.path(of: name) + "/state.export"
    try write(try contents(other.shelf.path(of: stranger) + "/state.export"), to: path, replacing: true)
    #expect(fault { _ = try SnapshotShelf.verify(at: small.shelf.path(of: name)) }?.file == path)
  }

  @Test func namesThatLeaveTheDirectoryAreRefused() throws {
    let small = try SmallSnapshot(seed: 23)
    try small.grow(2)
    try small.shelf.make()
    let manifest = SnapshotManifest(
      directory: small.directory.identity, position: Position(2), ingestTime: .zero, logBegins: Position(1),
      created: .zero, program: "test", configurationHash: 0, generations: [])
    let writer = try SnapshotWriter(on: small.shelf, manifest: manifest) { _ in true }
    for name in ["../x", "/x", "a/../x", ".x", "a//b", "a/b/c/d/e", "", "a b", "generations/.x"] {
      #expect(fault { try writer.add(name, [1]) }?.kind == .invalid, "\(name)")
    }
    writer.abandon()
  }
}

/// Replaces a file even where it is read-only.
func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws {
  if replacing, try SystemDisk().entry(at: path) != .missing { try SystemDisk().remove(file: path) }
  try write(bytes, to: path)
}
