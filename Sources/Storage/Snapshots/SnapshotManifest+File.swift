import Checksums
import FoundationEssentials
import Glibc
import Vocabulary

extension SnapshotManifest {
  private static func digestLine(of bytes: [UInt8]) -> [UInt8] {
    Array((bytes.withUnsafeBytes { SHA256.hex($0) } + "  " + fileName + "\n").utf8)
  }

  /// Writes manifest and digest into a directory, both new, and syncs them.
  func write(into directory: String, on disk: any Disk) throws(StorageFault) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self), data.count <= Limits.manifestBytesMax else {
      throw StorageFault(.invalid, file: directory + "/" + Self.fileName, "The manifest would be too large.")
    }
    let bytes = Array(data)
    for (name, content) in [(Self.fileName, bytes), (Self.digestName, Self.digestLine(of: bytes))] {
      let file = try disk.open(directory + "/" + name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o400)
      try file.write(content, at: 0)
      try file.synchronize()
    }
  }

  /// Reads and checks the manifest of a snapshot. The files it lists are not looked at.
  /// - Throws: `.noSnapshot`, `.corrupt`, `.newerFormat`, `.permission`, `.io`.
  package static func read(
    from directory: String, on disk: any Disk = .system
  ) throws(StorageFault) -> SnapshotManifest {
    let path = directory + "/" + fileName
    guard try disk.entry(at: directory) == .directory else {
      throw StorageFault(
        .noSnapshot, file: directory, "There is no such snapshot; `magpie snapshot list` names them.")
    }
    let bytes = try contents(of: path, on: disk)
    guard try contents(of: directory + "/" + digestName, on: disk) == digestLine(of: bytes) else {
      throw damaged(path, "It does not match \(digestName).")
    }
    // The version alone first: a newer manifest may have nothing else in common with this one.
    struct Version: Decodable { var formatVersion: Int }
    let decoder = JSONDecoder()
    guard let version = try? decoder.decode(Version.self, from: Data(bytes)).formatVersion else {
      throw damaged(path, "It is not a snapshot's manifest.")
    }
    guard version <= formatVersionCurrent else {
      throw StorageFault(
        .newerFormat, file: path,
        "It has format \(version); this release reads formats \(formatVersionOldest) to \(formatVersionCurrent). Use the release that wrote it."
      )
    }
    guard version >= formatVersionOldest, let manifest = try? decoder.decode(Self.self, from: Data(bytes))
    else {
      throw damaged(path, "A value is missing or not what it should be.")
    }
    try manifest.check(path, directory: directory)
    return manifest
  }

  /// What can be said without the files.
  private func check(_ path: String, directory: String) throws(StorageFault) {
    guard identity != nil else { throw Self.damaged(path, "Its directory's identity is none.") }
    let place = String(directory.split(separator: "/").last ?? "")
    guard place == name.text || place == name.text + SnapshotName.unfinishedSuffix else {
      throw Self.damaged(path, "It says it is \(name.text), but its directory is \(place).")
    }
    guard files.count <= Limits.snapshotFilesMax, Set(files.map(\.name)).count == files.count,
      files.allSatisfy({ Self.isPlainPath($0.name) && $0.sha256.utf8.count == 64 })
    else { throw Self.damaged(path, "A file it lists has a name that is not allowed, or is listed twice.") }
    guard files.contains(where: { $0.name == Self.stateName }) else {
      throw Self.damaged(path, "It lists no \(Self.stateName).")
    }
    for served in generations {
      guard (try? TenantName(served.tenant)) != nil, Self.isPlainPath(served.directory),
        !served.directory.contains("/")
      else {
        throw Self.damaged(path, "A generation it lists has a name that is not allowed.")
      }
    }
  }

  /// 1 to 4 parts of plain characters, no dot in front: nothing that leaves the directory.
  static func isPlainPath(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return (1...4).contains(parts.count)
      && parts.allSatisfy { part in
        (1...128).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: ".")
          && part.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
              || byte == 46 || byte == 95
          }
      }
  }

  private static func contents(of path: String, on disk: any Disk) throws(StorageFault) -> [UInt8] {
    guard try disk.entry(at: path) == .file else { throw damaged(path, "The file is missing.") }
    let file = try disk.open(path, flags: O_RDONLY)
    let bytes = try file.read(count: Limits.manifestBytesMax + 1, at: 0)
    guard bytes.count <= Limits.manifestBytesMax else {
      throw damaged(path, "It is longer than a manifest may be.")
    }
    return bytes
  }

  /// Damage to a snapshot, which is no damage to the directory it was made from.
  static func damaged(_ file: String, _ finding: String) -> StorageFault {
    StorageFault(
      .corrupt, file: file, finding + " This snapshot cannot be used; take another (magpie snapshot list).")
  }
}
