import Glibc

/// What storage does to directories. A name is durable only once its directory is synchronised.
package enum DiskDirectory {
  /// Creates a directory with access for its owner only.
  package static func create(_ path: String) throws(StorageFault) {
    if mkdir(path, 0o700) != 0 { throw StorageFault(errno: errno, file: path, doing: "create") }
  }

  /// Creates a directory unless it exists.
  package static func createIfMissing(_ path: String) throws(StorageFault) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw StorageFault(errno: errno, file: path, doing: "create")
    }
  }

  /// Names in a directory, sorted, without `.` and `..`.
  package static func list(_ path: String) throws(StorageFault) -> [String] {
    guard let stream = opendir(path) else { throw StorageFault(errno: errno, file: path, doing: "list") }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw StorageFault(errno: errno, file: path, doing: "list") }
        break
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes the names in a directory durable.
  package static func synchronize(_ path: String) throws(StorageFault) {
    let directory = try DiskFile(path: path, flags: O_RDONLY | O_DIRECTORY)
    try directory.synchronize()
  }

  /// What lies at a path.
  package enum Entry: Sendable, Hashable {
    case missing
    case directory
    case file
    case other
  }

  /// Follows symbolic links: a data directory may be one.
  package static func entry(at path: String) throws(StorageFault) -> Entry {
    var status = stat()
    if stat(path, &status) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return .missing }
      throw StorageFault(errno: errno, file: path, doing: "examine")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file
    default: return .other
    }
  }

  /// Removes a file, a link, or a directory with everything in it. Links are removed, never followed.
  package static func removeTree(_ path: String) throws(StorageFault) {
    var status = stat()
    if lstat(path, &status) != 0 { throw StorageFault(errno: errno, file: path, doing: "examine") }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try remove(file: path) }
    for name in try list(path) { try removeTree(path + "/" + name) }
    if rmdir(path) != 0 { throw StorageFault(errno: errno, file: path, doing: "remove") }
  }

  /// fsync(2) of every file below a directory and of every directory on the way.
  package static func synchronizeTree(_ path: String) throws(StorageFault) {
    for name in try list(path) {
      let entry = path + "/" + name
      var status = stat()
      if lstat(entry, &status) != 0 { throw StorageFault(errno: errno, file: entry, doing: "examine") }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try synchronizeTree(entry)
      case S_IFREG: try DiskFile(path: entry, flags: O_RDONLY).synchronize()
      default: break
      }
    }
    try synchronize(path)
  }

  /// Bytes the file system still has for this user; 0 if it does not say.
  package static func freeBytes(at path: String) -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : bytes
  }

  /// rename(2): atomic, and refused where `target` is a directory that holds something.
  package static func move(_ source: String, to target: String) throws(StorageFault) {
    if rename(source, target) != 0 { throw StorageFault(errno: errno, file: source, doing: "rename") }
  }

  package static func remove(file path: String) throws(StorageFault) {
    if unlink(path) != 0 { throw StorageFault(errno: errno, file: path, doing: "remove") }
  }
}
