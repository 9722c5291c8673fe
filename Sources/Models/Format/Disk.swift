import Glibc

/// The few file operations a shelf is made of, each with its fault.
enum Disk {
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Names in a directory, sorted, without `.` and `..`; empty if the directory does not exist.
  static func names(in path: String) throws(ModelFault) -> [String] {
    guard let stream = opendir(path) else {
      if errno == ENOENT { return [] }
      throw ModelFault(system: "list", path, errno)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw ModelFault(system: "list", path, errno) }
        return names.sorted()
      }
      // d_name is longer than its declared array on some systems; the record length bounds it.
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// A whole file of at most `limit` bytes.
  static func read(_ path: String, limit: Int) throws(ModelFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0 { throw ModelFault(opening: path, errno) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw ModelFault(system: "examine", path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFault(.foreign, file: path, "It is not a regular file. \(ModelFault.trainAgain)")
    }
    guard status.st_size <= limit else {
      throw ModelFault(
        .corrupt, file: path,
        "It has \(status.st_size) bytes; at most \(limit) are possible. \(ModelFault.trainAgain)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw ModelFault(system: "read", path, errno) }
      if count == 0 {
        throw ModelFault(.corrupt, file: path, "It became shorter while it was read. Try again.")
      }
      filled += count
    }
    return bytes
  }

  /// Makes a new read-only file of the parts, one after another, and syncs it. Fails if it exists.
  static func write(_ path: String, _ parts: UnsafeRawBufferPointer...) throws(ModelFault) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
    if descriptor < 0 { throw ModelFault(system: "create", path, errno) }
    defer { close(descriptor) }
    for part in parts {
      var rest = part
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { throw ModelFault(system: "write", path, errno) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
    if fsync(descriptor) != 0 { throw ModelFault(system: "sync", path, errno) }
  }

  static func write(_ path: String, _ bytes: [UInt8]) throws(ModelFault) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(ModelFault) in
      try write(path, UnsafeRawBufferPointer(buffer))
    }
  }

  /// Makes the names in a directory durable.
  static func syncDirectory(_ path: String) throws(ModelFault) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw ModelFault(system: "open", path, errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw ModelFault(system: "sync", path, errno) }
  }

  /// Makes one directory; false if something of that name exists.
  static func makeDirectory(_ path: String) throws(ModelFault) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    if errno == EEXIST { return false }
    throw ModelFault(system: "create", path, errno)
  }

  static func rename(_ from: String, to: String) throws(ModelFault) {
    if Glibc.rename(from, to) != 0 { throw ModelFault(system: "rename", from, errno) }
  }

  static func makeLink(_ path: String, to target: String) throws(ModelFault) {
    if symlink(target, path) != 0 { throw ModelFault(system: "create", path, errno) }
  }

  /// Where a symbolic link points to, nil if there is nothing of that name.
  static func readLink(_ path: String) throws(ModelFault) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &target, target.count)
    if count >= 0 { return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) }
    if errno == ENOENT { return nil }
    if errno == EINVAL {
      throw ModelFault(
        .foreign, file: path, "It is not a symbolic link. Move it away, then promote a generation.")
    }
    throw ModelFault(system: "read", path, errno)
  }

  /// Bytes of a regular file, nil if there is none.
  static func size(of path: String) -> UInt64? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(clamping: status.st_size)
  }

  /// Removes a file or link; silent if it is not there.
  static func removeFile(_ path: String) throws(ModelFault) {
    if unlink(path) != 0 && errno != ENOENT { throw ModelFault(system: "remove", path, errno) }
  }

  /// Removes a directory of plain files. Subdirectories are nothing of ours: then it fails and they stay.
  static func removeDirectory(_ path: String) throws(ModelFault) {
    for name in try names(in: path) { try removeFile(path + "/" + name) }
    if rmdir(path) != 0 && errno != ENOENT { throw ModelFault(system: "remove", path, errno) }
  }
}

extension ModelFault {
  /// A system call that failed.
  init(system verb: String, _ file: String, _ code: Int32) {
    self.init(
      .io(code), file: file,
      "Cannot \(verb) it: \(String(cString: strerror(code))). Check the disk and the permissions, then try again."
    )
  }

  /// An open that failed: absent and linked files are told apart from system trouble.
  init(opening file: String, _ code: Int32) {
    switch code {
    case ENOENT, ENOTDIR:
      self.init(.missing, file: file, "It does not exist. \(Self.trainAgain)")
    case ELOOP:
      self.init(.foreign, file: file, "It is a symbolic link. \(Self.trainAgain)")
    default:
      self.init(system: "open", file, code)
    }
  }
}
