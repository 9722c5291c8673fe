import Vocabulary

/// What a snapshot is: `manifest.json`. Field names are the JSON keys; docs/snapshots.md has the table.
package struct SnapshotManifest: Codable, Sendable, Hashable {
  /// Version of the directory's layout, the manifest and the export. Version 1, whose export holds records instead of
  /// LevelDB's files, is read and no longer written.
  package static let formatVersionCurrent = 2
  static let formatVersionOldest = 1
  static let fileName = "manifest.json"
  static let digestName = "manifest.sha256"
  package static let stateName = "state.export"
  package static let configurationName = "configuration.yaml"
  package static let generationsName = "generations"

  package var formatVersion = Self.formatVersionCurrent
  /// Identity of the data directory, 32 hex digits.
  package var directory: String
  /// The state contains exactly the positions up to here.
  package var position: UInt64
  /// Ingest time of the newest record up to `position`, microseconds since 1970.
  package var ingestTime: Int64
  /// First position the log still had.
  package var logBegins: UInt64
  /// Microseconds since 1970.
  package var created: Int64
  /// Name and version of the daemon.
  package var program: String
  /// 16 hex digits.
  package var configurationHash: String
  /// Files in the export; in version 1 records.
  package var entries: UInt64 = 0
  /// What served when it was made.
  package var generations: [ServedGeneration]
  package var files: [File] = []

  package struct ServedGeneration: Codable, Sendable, Hashable {
    package var tenant: String
    package var number: UInt64
    /// Name of its directory below the tenant's.
    package var directory: String

    package init(tenant: TenantName, number: GenerationNumber, directory: String) {
      self.tenant = tenant.text
      self.number = number.value
      self.directory = directory
    }
  }

  /// One file of the snapshot.
  package struct File: Codable, Sendable, Hashable {
    /// Path within the snapshot's directory.
    package var name: String
    package var bytes: UInt64
    /// Lower-case hex. For the export it covers the header, the first bytes of each block, which hold its checksum, and the
    /// trailer; in version 1, and for all other files, every byte.
    package var sha256: String
  }

  package init(
    directory: [UInt8], position: Position, ingestTime: Timestamp, logBegins: Position, created: Timestamp,
    program: String, configurationHash: UInt64, generations: [ServedGeneration]
  ) {
    self.directory = Self.hex(directory)
    self.position = position.value
    self.ingestTime = ingestTime.microseconds
    self.logBegins = logBegins.value
    self.created = created.microseconds
    self.program = program
    let digits = String(configurationHash, radix: 16)
    self.configurationHash = String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    self.generations = generations
  }

  package var name: SnapshotName {
    SnapshotName(position: Position(position), created: Timestamp(microseconds: created))
  }

  /// How many records the state has; nil where it was not counted.
  package var records: UInt64? { formatVersion == Self.formatVersionOldest ? entries : nil }

  /// The digest of the export.
  var stateDigest: String { files.first { $0.name == Self.stateName }?.sha256 ?? "" }

  /// Bytes of all files.
  package var bytes: UInt64 { files.reduce(0) { $0 &+ $1.bytes } }

  /// The identity as bytes; nil if the text is none, which reading refuses.
  var identity: [UInt8]? {
    let digits = Array(directory.utf8)
    guard digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    for pair in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[pair..<(pair + 2)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return Self.hex(bytes) == directory ? bytes : nil
  }

  package static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }
}
