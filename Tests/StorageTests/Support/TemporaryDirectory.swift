import Glibc
import Storage
import Vocabulary

/// A directory of its own for one test; removed with its last reference.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/magpie-storage-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw StorageFault(errno: errno, file: "/tmp", doing: "create") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// A data directory that does not exist yet.
  var data: String { path + "/data" }

  /// Makes a data directory and opens it.
  func initialized() throws -> DataDirectory {
    try DataDirectory.initialize(at: data)
    return try DataDirectory.open(at: data)
  }

  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? SystemDisk().list(path)) ?? [] { remove(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}

/// Reads a whole file.
func contents(_ path: String) throws -> [UInt8] {
  let file = try SystemDisk().open(path, flags: O_RDONLY)
  return try file.read(count: Int(try file.size()), at: 0)
}

/// Replaces a file, or makes it.
func write(_ bytes: [UInt8], to path: String) throws {
  let file = try SystemDisk().open(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
  try file.write(bytes, at: 0)
}

/// Copies a directory tree, as a person would who works on a copy.
func copyTree(_ source: String, to target: String) throws {
  try SystemDisk().createDirectory(target)
  for name in try SystemDisk().list(source) {
    if try SystemDisk().entry(at: source + "/" + name) == .directory {
      try copyTree(source + "/" + name, to: target + "/" + name)
    } else {
      try write(try contents(source + "/" + name), to: target + "/" + name)
    }
  }
}

/// Runs `body`, which must fail, and gives the fault.
func fault(_ body: () throws -> Void) -> StorageFault? {
  do {
    try body()
    return nil
  } catch {
    return error as? StorageFault
  }
}
