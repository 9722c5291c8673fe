import Foundation
import Glibc

/// A directory for one fuzzer, in memory where the system has such a place: parsers that want files get them there.
final class Scratch {
  let path: String

  init() throws {
    let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
    path = root + "magpie-fuzz-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Replaces a file's contents.
  func write(_ bytes: UnsafeRawBufferPointer, to name: String) throws {
    let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw POSIXError(.EIO) }
    defer { close(file) }
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      guard count > 0 else { throw POSIXError(.EIO) }
      done += count
    }
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try bytes.withUnsafeBytes { try write($0, to: name) }
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path + "/" + name)))
  }
}
