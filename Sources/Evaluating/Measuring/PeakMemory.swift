import Glibc

/// The most memory this process has held at once since it was last asked to forget.
enum PeakMemory {
  /// Makes the kernel forget the peak so far. Where it refuses, peaks are those since the start.
  static func forget() {
    let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { return }
    _ = write(descriptor, "5", 1)
    close(descriptor)
  }

  /// Resident bytes at the peak; 0 if the kernel does not say.
  static var bytes: UInt64 {
    guard let file = fopen("/proc/self/status", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("VmHWM:") {
        return (UInt64(text.filter { $0.isNumber }) ?? 0) * 1024
      }
    }
    return 0
  }
}
