import Checksums
import FoundationEssentials
import Vocabulary

extension Manifest {
  static let fileName = "manifest.json"
  static let digestName = "manifest.sha256"

  /// What `manifest.sha256` holds: the format of sha256sum.
  private static func digestLine(of bytes: [UInt8]) -> [UInt8] {
    Array((bytes.withUnsafeBytes { SHA256.hex($0) } + "  " + fileName + "\n").utf8)
  }

  /// Writes the manifest and its digest into a directory, both new, and syncs them.
  func write(into directory: String) throws(ModelFault) {
    let file = directory + "/" + Self.fileName
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes: [UInt8]
    do {
      bytes = Array(try encoder.encode(self))
    } catch {
      throw ModelFault(
        .inconsistent, file: file,
        "The manifest cannot be written as JSON: is a metric or a parameter not finite?")
    }
    guard bytes.count <= Limits.manifestBytesMax else {
      throw ModelFault(
        .inconsistent, file: file,
        "The manifest has \(bytes.count) bytes; at most \(Limits.manifestBytesMax) are allowed. Record less in it."
      )
    }
    try Disk.write(file, bytes)
    try Disk.write(directory + "/" + Self.digestName, Self.digestLine(of: bytes))
  }

  /// Reads and checks the manifest of a directory: digest, version, and what it says of itself. The files it lists
  /// are not looked at.
  package static func read(from directory: String) throws(ModelFault) -> Manifest {
    let file = directory + "/" + fileName
    if !Disk.isDirectory(directory) {
      throw ModelFault(
        Disk.exists(directory) ? .foreign : .missing, file: directory,
        "There is no such generation. Ask for the list of generations and name one of them.")
    }
    let bytes = try Disk.read(file, limit: Limits.manifestBytesMax)
    let digest = try Disk.read(directory + "/" + digestName, limit: 1024)
    guard digest == digestLine(of: bytes) else {
      throw ModelFault(
        .corrupt, file: file, "It does not match \(digestName). \(ModelFault.trainAgain)")
    }
    // The version alone first: a newer manifest may have nothing else in common with this one.
    struct Version: Decodable { var formatVersion: Int }
    let decoder = JSONDecoder()
    guard let version = try? decoder.decode(Version.self, from: Data(bytes)).formatVersion else {
      throw ModelFault(.foreign, file: file, "It is not a generation's manifest. \(ModelFault.trainAgain)")
    }
    if version > formatVersionCurrent {
      throw ModelFault(
        .newerFormat, file: file,
        "It has format version \(version); this release reads up to \(formatVersionCurrent). Use the release that wrote it, or train again."
      )
    }
    let manifest: Manifest
    do {
      manifest = try decoder.decode(Manifest.self, from: Data(bytes))
    } catch {
      throw ModelFault(
        .inconsistent, file: file, "\(describe(error)) \(ModelFault.trainAgain)")
    }
    try manifest.check(directory: directory)
    return manifest
  }

  /// What can be said without the files.
  private func check(directory: String) throws(ModelFault) {
    let file = directory + "/" + Self.fileName
    func refuse(_ kind: ModelFault.Kind, _ what: String) -> ModelFault {
      ModelFault(kind, file: file, "\(what) \(ModelFault.trainAgain)")
    }
    if formatVersion != Self.formatVersionCurrent {
      throw refuse(.foreign, "Format version \(formatVersion) never existed.")
    }
    let name = directory.split(separator: "/").last ?? ""
    if name != generation.directoryName && name != generation.directoryName + GenerationNumber.partialSuffix {
      throw refuse(.foreign, "It says it is generation \(number), but its directory is \(name).")
    }
    if (try? TenantName(tenant)) == nil { throw refuse(.inconsistent, "Its tenant is not a tenant's name.") }
    if items > UInt64(Limits.itemsMax) {
      throw refuse(.inconsistent, "It has \(items) items; at most \(Limits.itemsMax) are allowed.")
    }
    if !trainingSeconds.isFinite || trainingSeconds < 0 {
      throw refuse(.inconsistent, "Its training time is not a duration.")
    }
    if arrays.count > Limits.generationArraysMax {
      throw refuse(
        .inconsistent, "It lists \(arrays.count) arrays; at most \(Limits.generationArraysMax) are allowed.")
    }
    if Set(arrays.map(\.name)).count != arrays.count || Set(arrays.map(\.file)).count != arrays.count {
      throw refuse(.inconsistent, "It lists an array twice.")
    }
    if Set(models.map(\.name)).count != models.count {
      throw refuse(.inconsistent, "It lists a model twice.")
    }
    for array in arrays {
      if !Self.isPlainFileName(array.file) {
        throw refuse(.inconsistent, "Array \(array.name) has a file name that is not allowed.")
      }
      guard (1...ArrayHeader.rankMax).contains(array.shape.count),
        let bytes = ArrayHeader.dataBytes(array.type, array.shape),
        array.bytes == UInt64(ArrayHeader.size + bytes)
      else {
        throw refuse(.inconsistent, "Array \(array.name) has a size that is not what its shape needs.")
      }
    }
  }

  /// 1 to 128 characters out of a-z, 0-9, `-` and `.`, ending in `.array`, no dot in front: nothing that leaves
  /// the directory.
  static func isPlainFileName(_ name: String) -> Bool {
    name.utf8.count <= 128 && name.hasSuffix(".array") && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { byte in
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46
      }
  }
}

/// The key at fault, in one sentence.
private func describe(_ error: any Error) -> String {
  func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "The key \(path(context.codingPath + [key])) is missing."
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
    DecodingError.dataCorrupted(let context):
    return "The value of \(path(context.codingPath)) is not what it should be."
  default: return "It cannot be read as a manifest."
  }
}
