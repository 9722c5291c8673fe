import CProcess
import Glibc
import Vocabulary

/// The machine the process runs on. Holds nothing.
package struct SystemDisk: Disk {
  package init() {}

  package var takesSeveralThreads: Bool { true }

  package func handle(_ path: String, flags: Int32, mode: mode_t) throws(SystemError) -> any DiskHandle {
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
    if descriptor < 0 { throw SystemError.last }
    return SystemHandle(descriptor)
  }

  package func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = opendir(path) else { throw SystemError.last }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError.last }
        return names
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  package func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o700) != 0 { throw SystemError.last }
  }

  package func removeDirectory(_ path: String) throws(SystemError) {
    if rmdir(path) != 0 { throw SystemError.last }
  }

  package func unlink(_ path: String) throws(SystemError) {
    if Glibc.unlink(path) != 0 { throw SystemError.last }
  }

  package func rename(_ source: String, to target: String) throws(SystemError) {
    if Glibc.rename(source, target) != 0 { throw SystemError.last }
  }

  package func link(_ path: String, to target: String) throws(SystemError) {
    if symlink(target, path) != 0 { throw SystemError.last }
  }

  package func examine(_ path: String, followingLinks: Bool) throws(SystemError) -> DiskEntry {
    var status = stat()
    if (followingLinks ? stat(path, &status) : lstat(path, &status)) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return .missing }
      throw SystemError.last
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file
    default: return .other
    }
  }

  package func freeBytes(at path: String) -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : bytes
  }

  package func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
  }

  package func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  package func database(at path: String, creating: Bool) throws(StorageFault) -> any StateDatabase {
    try LevelDB(path: path, creating: creating)
  }
}

/// A file descriptor. Not sendable: it belongs to the one `DiskFile` that holds it.
private final class SystemHandle: DiskHandle {
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
    if count < 0 { throw SystemError.last }
    return count
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    let count = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(clamping: offset))
    if count < 0 { throw SystemError.last }
    return count
  }

  func synchronizeData() throws(SystemError) { if fdatasync(descriptor) != 0 { throw SystemError.last } }

  func synchronize() throws(SystemError) { if fsync(descriptor) != 0 { throw SystemError.last } }

  func startWriting(from offset: UInt64, count: UInt64) {
    magpie_start_writeback(descriptor, Int64(clamping: offset), Int64(clamping: count))
  }

  func truncate(to size: UInt64) throws(SystemError) {
    if ftruncate(descriptor, off_t(clamping: size)) != 0 { throw SystemError.last }
  }

  func size() throws(SystemError) -> UInt64 {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw SystemError.last }
    return UInt64(clamping: status.st_size)
  }

  func lock() throws(SystemError) { if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { throw SystemError.last } }

  func close() { Glibc.close(descriptor) }
}
