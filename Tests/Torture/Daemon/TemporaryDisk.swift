import Foundation
import Glibc

/// A tmpfs whose size can be changed while it is used: a disk that fills and empties in a millisecond. Needs root.
///
/// It is no disk for power cuts, for fdatasync does nothing there; but ENOSPC is real.
package final class TemporaryDisk {
  package let path: String
  private static let bytes: UInt64 = 2 << 30

  /// Mounts one at `path`, which is made; nil where that is not allowed.
  package static func mounted(at path: String) async -> TemporaryDisk? {
    guard geteuid() == 0 else { return nil }
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let isMounted = await DaemonProcess.succeeds(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes),mode=0700", "magpie-torture", path])
    return isMounted ? TemporaryDisk(path) : nil
  }

  private init(_ path: String) { self.path = path }

  /// Leaves room for `bytes` more than are used now.
  package func leave(bytes: UInt64) async throws {
    // It may grow between the look and the change, which is then refused.
    for attempt in 1... {
      var status = statvfs()
      guard statvfs(path, &status) == 0 else { throw TortureFault("\(path) cannot be examined.") }
      let used = UInt64(status.f_blocks - status.f_bfree) * UInt64(status.f_frsize)
      do {
        return try await resize(used + max(bytes, 4096))
      } catch  where attempt < 50 {
        continue
      }
    }
  }

  /// Gives all the room back.
  package func free() async throws { try await resize(Self.bytes) }

  private func resize(_ bytes: UInt64) async throws {
    guard await DaemonProcess.succeeds("/bin/mount", ["-o", "remount,size=\(bytes)", path]) else {
      throw TortureFault("The size of \(path) cannot be changed.")
    }
  }

  package func unmount() async {
    _ = await DaemonProcess.succeeds("/bin/umount", ["-l", path])
    try? FileManager.default.removeItem(atPath: path)
  }
}
