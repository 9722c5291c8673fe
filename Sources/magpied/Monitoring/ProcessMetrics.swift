import Foundation
import Glibc
import Metering

/// What Prometheus' client libraries tell of a process, under their names. What cannot be read is left out.
enum ProcessMetrics {
  static func write(into text: inout MetricsText) {
    let page = Double(sysconf(Int32(_SC_PAGESIZE)))
    let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    // The name is in parentheses and may itself hold blanks; what follows it has fixed places.
    if let fields = fields(of: "/proc/self/stat", after: ")"), fields.count > 21 {
      func number(_ place: Int) -> Double { Double(fields[place]) ?? 0 }
      text.counter(
        "process_cpu_seconds_total", "Processor time used.", seconds: (number(11) + number(12)) / ticks)
      text.gauge("process_threads", "Threads.", number(17))
      text.gauge("process_virtual_memory_bytes", "Address space.", number(20))
      text.gauge("process_resident_memory_bytes", "Memory held.", number(21) * page)
      if let boot = bootSeconds {
        text.gauge("process_start_time_seconds", "When the process began.", boot + number(19) / ticks)
      }
    }
    if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
      // One of them was opened to count them.
      text.gauge("process_open_fds", "Open file descriptors.", Double(max(0, open - 1)))
    }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      text.gauge("process_max_fds", "File descriptors there may be.", Double(limit.rlim_cur))
    }
  }

  private static func fields(of path: String, after mark: Character) -> [Substring]? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: mark) else { return nil }
    return text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
  }

  private static let bootSeconds: Double? = {
    guard let data = FileManager.default.contents(atPath: "/proc/stat") else { return nil }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst(6)) }
  }()
}

extension MetricsText {
  fileprivate mutating func counter(_ name: String, _ help: String, seconds: Double) {
    family(name, .counter, help) { $0.sample(seconds) }
  }
}
