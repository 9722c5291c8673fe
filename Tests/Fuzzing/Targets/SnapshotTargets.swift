import Checksums
import Storage
import Vocabulary

extension FuzzTarget {
  /// A whole snapshot, one of its two files as the input says and all digests right. The first byte says which file, and
  /// whether the checksums within the export are made right as well; from 3 on, the other file is one of version 2.
  static let snapshot = FuzzTarget(
    name: "snapshot", about: "snapshots: the manifest and the exported state, digests right",
    seeds: {
      let (old, new) = (SnapshotSeeds.exportBytes(), SnapshotSeeds.filesBytes())
      return [
        [0] + SnapshotSeeds.manifestBytes(old), [0] + Array(#"{"formatVersion":99}"#.utf8), [1] + old,
        [2] + old, [3] + SnapshotSeeds.manifestBytes(new, version: 2), [4] + new, [5] + new,
      ]
    },
    make: {
      let scratch = try Scratch()
      let place = scratch.path + "/" + SnapshotSeeds.name
      try SystemDisk().createDirectory(place)
      return { input in
        guard let first = input.first else { return }
        let version = first / 3 % 2 == 0 ? 1 : 2
        var export = version == 1 ? SnapshotSeeds.exportBytes() : SnapshotSeeds.filesBytes()
        var manifest = SnapshotSeeds.manifestBytes(export, version: version)
        if first % 3 == 0 {
          manifest = Array(input.dropFirst())
        } else {
          export = Array(input.dropFirst())
          if first % 3 == 1 { SnapshotSeeds.repair(&export) }
          manifest = SnapshotSeeds.manifestBytes(export, version: version)
        }
        try scratch.write(export, to: SnapshotSeeds.name + "/" + SnapshotSeeds.export)
        try scratch.write(manifest, to: SnapshotSeeds.name + "/" + SnapshotSeeds.manifest)
        let digest = manifest.withUnsafeBytes { SHA256.hex($0) }
        try scratch.write(
          Array("\(digest)  manifest.json\n".utf8), to: SnapshotSeeds.name + "/manifest.sha256")
        guard let verified = try? SnapshotShelf.verify(at: place) else { return }
        try expect(verified.name.text == SnapshotSeeds.name, "a snapshot verifies under another name")
        try expect(
          verified.files.contains { $0.name == SnapshotSeeds.export && $0.bytes == UInt64(export.count) },
          "a snapshot verifies without its state")
      }
    })

  /// What is remembered of the last scrub, its checksum made right.
  static let scrubRecord = FuzzTarget(
    name: "scrub-record", about: "the file of the last scrub",
    seeds: {
      var record = ScrubRecord(since: Timestamp(microseconds: 3))
      record.last.state = .damaged
      record.last.finished = Timestamp(microseconds: 1_700_000_000_000_000)
      record.last.message = "m"
      record.last.damagesTotal = 2
      record.last.damages = [
        ScrubDamage(file: "log/1", message: "gone"), ScrubDamage(file: "x", message: ""),
      ]
      return [
        ScrubFile.encode(record, identity: StorageSeeds.identity),
        ScrubFile.encode(ScrubRecord(since: .zero), identity: StorageSeeds.identity),
      ]
    },
    make: {
      let seed = RecordHeader.seed(identity: StorageSeeds.identity)
      return { input in
        var bytes = Array(input)
        if bytes.count >= 24 {
          let check = CRC32C.of(Array(bytes[24...]), continuing: seed)
          for place in 0..<4 { bytes[12 + place] = UInt8(truncatingIfNeeded: check >> (8 * UInt32(place))) }
          let length = UInt64(bytes.count - 24)
          for place in 0..<8 { bytes[16 + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt64(place))) }
        }
        guard let record = try? ScrubFile.decode(bytes, identity: StorageSeeds.identity) else { return }
        try expect(
          ScrubFile.encode(record, identity: StorageSeeds.identity) == bytes, "a scrub has two encodings")
      }
    })
}
