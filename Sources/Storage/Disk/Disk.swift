import Glibc
import Vocabulary

/// What storage asks of the machine it runs on: files, names, the wall clock, random bytes, and a key-value store.
///
/// A daemon has `SystemDisk`. Tests have one in memory that loses what was not synchronised, tears writes, flips bits
/// and refuses calls, all from a seed; the same code then runs on it (docs/faults.md, "Simulation"). The requirements
/// are single system calls; what is made of several stands in extensions, so that it is tested with them. A call
/// through this protocol costs a few nanoseconds beside a system call; no request that reads makes one.
package protocol Disk: Sendable {
  /// Whether several threads may use files and key-value store at a time. A simulated one runs on a single thread, so that
  /// a seed repeats it.
  var takesSeveralThreads: Bool { get }
  /// open(2). `O_CLOEXEC` is added, so that no child process inherits it.
  func handle(_ path: String, flags: Int32, mode: mode_t) throws(SystemError) -> any DiskHandle
  /// Names in a directory without `.` and `..`, in any order.
  func names(in path: String) throws(SystemError) -> [String]
  /// mkdir(2), for the owner only.
  func makeDirectory(_ path: String) throws(SystemError)
  /// rmdir(2)
  func removeDirectory(_ path: String) throws(SystemError)
  /// unlink(2)
  func unlink(_ path: String) throws(SystemError)
  /// rename(2)
  func rename(_ source: String, to target: String) throws(SystemError)
  /// symlink(2)
  func link(_ path: String, to target: String) throws(SystemError)
  /// stat(2), or lstat(2) where links are not followed; `missing` is no error.
  func examine(_ path: String, followingLinks: Bool) throws(SystemError) -> DiskEntry
  /// Bytes the file system still has for this user; 0 if it does not say.
  func freeBytes(at path: String) -> UInt64
  /// The wall clock.
  func now() -> Timestamp
  /// Bytes nobody can guess.
  func randomBytes(_ count: Int) -> [UInt8]
  /// Opens the key-value store in a directory.
  /// - Parameter creating: whether it is made; the directory must then be empty.
  func database(at path: String, creating: Bool) throws(StorageFault) -> any StateDatabase
}

/// One open file. Each call is one system call: it may do less than it was asked, and may be interrupted.
package protocol DiskHandle: AnyObject {
  /// pread(2); returns the bytes read, 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int
  /// pwrite(2); returns the bytes taken.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int
  /// fdatasync(2)
  func synchronizeData() throws(SystemError)
  /// fsync(2)
  func synchronize() throws(SystemError)
  /// Has the machine begin to write these bytes out, and returns at once. A hint, and no system call to count on.
  func startWriting(from offset: UInt64, count: UInt64)
  /// ftruncate(2)
  func truncate(to size: UInt64) throws(SystemError)
  /// fstat(2)
  func size() throws(SystemError) -> UInt64
  /// flock(2), exclusive, without waiting; `EWOULDBLOCK` where another holds it.
  func lock() throws(SystemError)
  /// close(2). Called once, last.
  func close()
}

/// A value of `errno`.
package struct SystemError: Error, Sendable, Hashable {
  package var number: Int32

  package init(_ number: Int32) { self.number = number }

  /// That of the system call that just failed on this thread.
  static var last: SystemError { SystemError(errno) }
}

/// What lies at a path.
package enum DiskEntry: Sendable, Hashable {
  case missing
  case directory
  case file
  case other
}

extension Disk where Self == SystemDisk {
  /// The machine itself.
  package static var system: SystemDisk { SystemDisk() }
}

extension Disk {
  /// Opens a file.
  package func open(_ path: String, flags: Int32, mode: mode_t = 0o600) throws(StorageFault) -> DiskFile {
    while true {
      do throws(SystemError) {
        return DiskFile(path: path, handle: try handle(path, flags: flags, mode: mode))
      } catch {
        if error.number == EINTR { continue }
        throw StorageFault(errno: error.number, file: path, doing: "open")
      }
    }
  }

  private func faulting<Value>(
    _ path: String, _ verb: String, _ body: () throws(SystemError) -> Value
  ) throws(StorageFault) -> Value {
    do throws(SystemError) { return try body() } catch {
      throw StorageFault(errno: error.number, file: path, doing: verb)
    }
  }

  /// Creates a directory with access for its owner only.
  package func createDirectory(_ path: String) throws(StorageFault) {
    try faulting(path, "create") { () throws(SystemError) in try makeDirectory(path) }
  }

  /// Creates a directory unless it exists.
  package func createDirectoryIfMissing(_ path: String) throws(StorageFault) {
    try faulting(path, "create") { () throws(SystemError) in
      do throws(SystemError) { try makeDirectory(path) } catch { if error.number != EEXIST { throw error } }
    }
  }

  /// Names in a directory, sorted, without `.` and `..`.
  package func list(_ path: String) throws(StorageFault) -> [String] {
    try faulting(path, "list") { () throws(SystemError) in try names(in: path).sorted() }
  }

  /// Makes the names in a directory durable: a name is so only once its directory is synchronised.
  package func synchronizeDirectory(_ path: String) throws(StorageFault) {
    try open(path, flags: O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// Follows symbolic links: a data directory may be one.
  package func entry(at path: String) throws(StorageFault) -> DiskEntry {
    try faulting(path, "examine") { () throws(SystemError) in try examine(path, followingLinks: true) }
  }

  /// What lies there itself, be it a link.
  private func ownEntry(at path: String) throws(StorageFault) -> DiskEntry {
    try faulting(path, "examine") { () throws(SystemError) in try examine(path, followingLinks: false) }
  }

  /// Removes a file, a link, or a directory with everything in it. Links are removed, never followed.
  package func removeTree(_ path: String) throws(StorageFault) {
    guard try ownEntry(at: path) == .directory else { return try remove(file: path) }
    for name in try list(path) { try removeTree(path + "/" + name) }
    try faulting(path, "remove") { () throws(SystemError) in try removeDirectory(path) }
  }

  /// fsync(2) of every file below a directory and of every directory on the way.
  package func synchronizeTree(_ path: String) throws(StorageFault) {
    for name in try list(path) {
      let entry = path + "/" + name
      switch try ownEntry(at: entry) {
      case .directory: try synchronizeTree(entry)
      case .file: try open(entry, flags: O_RDONLY).synchronize()
      case .missing, .other: break
      }
    }
    try synchronizeDirectory(path)
  }

  /// rename(2): atomic, and refused where `target` is a directory that holds something.
  package func move(_ source: String, to target: String) throws(StorageFault) {
    try faulting(source, "rename") { () throws(SystemError) in try rename(source, to: target) }
  }

  /// Removes a file or a link.
  package func remove(file path: String) throws(StorageFault) {
    try faulting(path, "remove") { () throws(SystemError) in try unlink(path) }
  }

  /// Makes a symbolic link.
  package func createLink(_ path: String, to target: String) throws(StorageFault) {
    try faulting(path, "create") { () throws(SystemError) in try link(path, to: target) }
  }
}
