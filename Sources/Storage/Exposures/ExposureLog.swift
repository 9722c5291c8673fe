import Glibc
import Vocabulary

/// Lists that were given out, one JSON object a line, in files that take turns: docs/storage.md has the names.
///
/// No part of what is promised: nothing waits for the disk, so the last second before a crash may be missing, and the
/// oldest file goes when all together are too large. Not sendable: belongs to the thread that writes it.
package final class ExposureLog {
  private let disk: any Disk
  private let path: String
  private var file: DiskFile?
  private var end: UInt64 = 0
  /// Bytes of all files, the open one included.
  package private(set) var bytes: UInt64 = 0
  /// Names and sizes of closed files, oldest first.
  private var closed: [(name: String, bytes: UInt64)] = []
  /// A last line without its end is left alone: the next file begins behind it.
  private var openName = ""

  static let prefix = "exposures-"
  static let suffix = ".jsonl"

  /// Makes the directory if there is none and takes note of what lies in it.
  package init(_ directory: DataDirectory) throws(StorageFault) {
    disk = directory.disk
    path = directory.path + "/exposures"
    try disk.createDirectoryIfMissing(path)
    for name in try disk.list(path)
    where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) {
      let size = try disk.open(path + "/" + name, flags: O_RDONLY).size()
      closed.append((name, size))
      bytes += size
    }
  }

  /// Appends whole lines, and removes the oldest files while all together exceed `bytesMax`.
  package func append(_ lines: [UInt8], now: Timestamp, bytesMax: UInt64) throws(StorageFault) {
    if lines.isEmpty { return }
    let file = try current(now)
    try file.write(lines, at: end)
    end += UInt64(lines.count)
    bytes += UInt64(lines.count)
    if end >= Limits.exposureFileBytes { close() }
    while bytes > bytesMax, !closed.isEmpty {
      let oldest = closed.removeFirst()
      try disk.remove(file: path + "/" + oldest.name)
      bytes -= min(bytes, oldest.bytes)
    }
  }

  private func current(_ now: Timestamp) throws(StorageFault) -> DiskFile {
    if let file { return file }
    // Names sort by time; sixteen digits last until the year 2286.
    let digits = String(max(0, now.microseconds))
    openName =
      Self.prefix + String(repeating: "0", count: max(0, 16 - digits.count)) + digits + Self.suffix
    let fresh = try disk.open(path + "/" + openName, flags: O_WRONLY | O_CREAT)
    // Of the same microsecond as one before: goes on behind it.
    end = try fresh.size()
    file = fresh
    return fresh
  }

  private func close() {
    file?.close()
    file = nil
    closed.append((openName, end))
    end = 0
  }
}
