import Glibc
import Loading

/// Standard output, standard error, files and variables.
enum Output {
  /// The report.
  static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  /// Everything else.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  static var notesToPerson: Bool { isatty(STDERR_FILENO) == 1 }

  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = ArraySlice(Array(text.utf8))
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }

  /// Replaces a file.
  static func save(_ text: String, to path: String) throws(LoadFault) {
    let descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
    let isWritten = descriptor >= 0 && write(text, to: descriptor)
    let reason = String(cString: strerror(errno))
    let isClosed = descriptor >= 0 && close(descriptor) == 0
    if !isWritten || !isClosed { throw LoadFault(.file, "Cannot write \(path): \(reason).") }
  }

  static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}

/// One line on standard error that is redrawn every second; nothing where no person looks.
struct ProgressLine: Sendable {
  private let isShown = Output.notesToPerson
  private let title: String
  private let seconds: Double

  init(_ title: String, seconds: Double) {
    self.title = title
    self.seconds = seconds
  }

  func show(_ row: SecondRow) {
    if !isShown { return }
    let phase = row.isWarmup ? "warm-up" : "measuring"
    Output.write(
      "\r\u{1b}[K\(title)\(phase) \(row.second + 1)/\(Figures.decimals(seconds.rounded(.up), 0)) s, sent \(Figures.count(row.sent))/s, ok \(Figures.count(row.ok))/s, shed \(row.shed), failed \(row.failed), p99 \(Figures.milliseconds(row.p99)) ms",
      to: STDERR_FILENO)
  }

  func show(_ text: String) {
    if isShown { Output.write("\r\u{1b}[K\(title)\(text)", to: STDERR_FILENO) }
  }

  func clear() { if isShown { Output.write("\r\u{1b}[K", to: STDERR_FILENO) } }
}
