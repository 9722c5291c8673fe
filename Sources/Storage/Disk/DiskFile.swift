import Glibc

/// One open file. Every call either did all it was asked or throws; a signal never shortens a transfer.
///
/// Not sendable: it belongs to whoever opened it. Closed at the latest with its last reference.
package final class DiskFile {
  package let path: String
  private var handle: (any DiskHandle)?

  init(path: String, handle: any DiskHandle) {
    self.path = path
    self.handle = handle
  }

  deinit { close() }

  /// Closes the file; calls after it throw. Idempotent.
  package func close() {
    handle?.close()
    handle = nil
  }

  /// Runs one system call, again where a signal interrupted it.
  private func call<Value>(
    _ verb: String, _ body: (any DiskHandle) throws(SystemError) -> Value
  ) throws(StorageFault) -> Value {
    guard let handle else { throw StorageFault(errno: EBADF, file: path, doing: verb) }
    while true {
      do throws(SystemError) { return try body(handle) } catch {
        if error.number != EINTR { throw StorageFault(errno: error.number, file: path, doing: verb) }
      }
    }
  }

  /// Size in bytes.
  package func size() throws(StorageFault) -> UInt64 {
    try call("examine") { (handle) throws(SystemError) in try handle.size() }
  }

  /// Reads until `buffer` is full or the file ends; returns the bytes read.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageFault) -> Int
  {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try call("read") { (handle) throws(SystemError) in
        try handle.read(into: rest, at: offset + UInt64(done))
      }
      if count == 0 { break }
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
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = try call("write") { (handle) throws(SystemError) in
        try handle.write(rest, at: offset + UInt64(done))
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
    try once("synchronise") { (handle) throws(SystemError) in try handle.synchronizeData() }
  }

  /// fsync(2).
  package func synchronize() throws(StorageFault) {
    try once("synchronise") { (handle) throws(SystemError) in try handle.synchronize() }
  }

  private func once(
    _ verb: String, _ body: (any DiskHandle) throws(SystemError) -> Void
  ) throws(StorageFault) {
    guard let handle else { throw StorageFault(errno: EBADF, file: path, doing: verb) }
    do throws(SystemError) { try body(handle) } catch {
      throw StorageFault(errno: error.number, file: path, doing: verb)
    }
  }

  /// Has the machine begin to write these bytes out, so that an fsync to come has less to do.
  package func startWriting(from offset: UInt64, count: UInt64) {
    handle?.startWriting(from: offset, count: count)
  }

  package func truncate(to size: UInt64) throws(StorageFault) {
    try call("truncate") { (handle) throws(SystemError) in try handle.truncate(to: size) }
  }

  /// flock(2), exclusive, without waiting. Returns false where another open file holds it.
  package func tryLock() throws(StorageFault) -> Bool {
    do throws(StorageFault) {
      try call("lock") { (handle) throws(SystemError) in try handle.lock() }
      return true
    } catch {
      if error.kind == .io(errno: EWOULDBLOCK) { return false }
      throw error
    }
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
