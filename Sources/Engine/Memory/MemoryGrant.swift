import CProcess
import Foundation
import Vocabulary

/// How much memory the system grants this process.
package enum MemoryGrant {
  /// The settings with a limit in place of 0: three quarters of the grant, the rest being the kernel's and the trainer's.
  package static func resolved(_ settings: OverloadSettings) -> OverloadSettings {
    var settings = settings
    if settings.memoryLimitBytes == 0 {
      settings.memoryLimitBytes = max(Limits.memoryLimitBytesMin, bytes / 4 * 3)
    }
    return settings
  }

  /// The machine's memory, or less where a control group or the limit on private memory says so.
  package static var bytes: UInt64 {
    var least = magpie_granted_memory()
    // Second the place in hierarchies of version 1. Of a container's own group; without one they say "max" or a huge number.
    for file in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      if let text = text(of: file), let bytes = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)) {
        least = min(least, bytes)
      }
    }
    if let line = text(of: "/proc/meminfo")?.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }
    ),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ UInt64($0) })
    {
      least = min(least, kibibytes << 10)
    }
    return least
  }

  private static func text(of file: String) -> String? {
    FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
  }
}
