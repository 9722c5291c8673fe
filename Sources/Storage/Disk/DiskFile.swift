import Glibc

/// One open file. Every call either did all it was asked or throws; a signal never shortens a transfer.
///
/// Not sendable: it belongs to whoever opened it. Closed at the latest with its last reference.
package final class DiskFile {
  package let path: String
  private var descriptor: Int32

  /// Opens `path` with the flags of open(2); `O_CLOEXEC` is added, so that no child process inherits it.
  package init(path: String, flags: Int32, mode: mode_t = 0o600) throws(StorageFault) {
    self.path = path
    var descriptor: Int32
    repeat { descriptor = Glibc.open(path, flags | O_CLOEXEC, mode) } while descriptor < 0 && errno == EINTR
    if descriptor < 0 { throw StorageFault(errno: errno, file: path, doing: "open") }
    self.descriptor = descriptor
  }

  deinit { close() }

  /// Closes the file; calls after it throw. Idempotent.
  package func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Size in bytes.
  package func size() throws(StorageFault) -> UInt64 {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw StorageFault(errno: errno, file: path, doing: "examine") }
    return UInt64(clamping: status.st_size)
  }

  /// Reads until `buffer` is full or the file ends; returns the bytes read.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageFault) -> Int
  {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(clamping: offset + UInt64(done)))
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw StorageFault(errno: errno, file: path, doing: "read")
      }
      done += count
    }
    return done
  }

  /// Reads exactly `count` bytes, or fewer where the file ends.
  package func read(count: Int, at offset: UInt64) throws(StorageFault) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
    defer { buffer.deallocate() }
    let done = try read(into: buffer, at: offset)
    return Array(buffer[..<done])
  }

  /// Writes all of `bytes`: one pwrite(2) unless the kernel takes less.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageFault) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, base + done, bytes.count - done, off_t(clamping: offset + UInt64(done)))
      if count < 0 {
        if errno == EINTR { continue }
        throw StorageFault(errno: errno, file: path, doing: "write")
      }
      // A file system that takes nothing and names no error would keep us here for ever.
      if count == 0 { throw StorageFault(errno: EIO, file: path, doing: "write") }
      done += count
    }
  }

  package func write(_ bytes: [UInt8], at offset: UInt64) throws(StorageFault) {
    try bytes.span.bytes.withUnsafeBytes { (buffer) throws(StorageFault) in try write(buffer, at: offset) }
  }

  /// fdatasync(2): contents and size are on stable storage when it returns. Never retried after a failure: the
  /// kernel has marked the pages clean by then, and a second call would lie.
  package func synchronizeData() throws(StorageFault) {
    if fdatasync(descriptor) != 0 { throw StorageFault(errno: errno, file: path, doing: "synchronise") }
  }

  /// fsync(2).
  package func synchronize() throws(StorageFault) {
    if fsync(descriptor) != 0 { throw StorageFault(errno: errno, file: path, doing: "synchronise") }
  }

  package func truncate(to size: UInt64) throws(StorageFault) {
    var result: Int32
    repeat { result = ftruncate(descriptor, off_t(clamping: size)) } while result != 0 && errno == EINTR
    if result != 0 { throw StorageFault(errno: errno, file: path, doing: "truncate") }
  }

  /// flock(2), exclusive, without waiting. Returns false where another open file holds it.
  package func tryLock() throws(StorageFault) -> Bool {
    var result: Int32
    repeat { result = flock(descriptor, LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
    if result == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw StorageFault(errno: errno, file: path, doing: "lock")
  }
}

extension StorageFault {
  /// A fault from a failed system call, with advice where the number allows some.
  package init(errno number: Int32, file: String, doing verb: String) {
    let reason = String(cString: strerror(number))
    let advice: String
    var kind = Kind.io(errno: number)
    switch number {
    case EACCES, EPERM:
      kind = .permission
      advice = "Let the user who runs Magpie own it."
    case EROFS:
      kind = .permission
      advice = "The file system is mounted read-only."
    case ENOSPC, EDQUOT: advice = "Free some space, then start again."
    case EMFILE, ENFILE: advice = "Raise the limit on open files."
    case EFBIG: advice = "Raise the limit on file sizes."
    case EIO: advice = "Check the disk before starting again."
    case ENOENT: advice = "Something removed it; restore it from a copy."
    default: advice = "Nothing more was written."
    }
    self.init(kind, file: file, "Cannot \(verb) it: \(reason). \(advice)")
  }
}
