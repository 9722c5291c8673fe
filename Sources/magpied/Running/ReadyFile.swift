import Foundation

/// A file that is there, whole, exactly while the daemon answers: for scripts that started it on a free port.
struct ReadyFile {
  let path: String

  /// Appears by rename, so that a reader never sees half a line.
  func write(host: String, port: UInt16) throws {
    do {
      try Data("\(host) \(port)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Stop(code: 73, "\(path): the ready file cannot be written: \(error.localizedDescription)")
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
