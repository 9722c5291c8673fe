import Glibc

/// Standard output and standard error, and what they are connected to.
enum Terminal {
  /// Answers.
  static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Everything else.
  static func complain(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// All of it, or as much as the reader takes. Unbuffered: nothing is lost when the process ends.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = ArraySlice(Array(text.utf8))
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }

  static var answersToPerson: Bool { isatty(STDOUT_FILENO) == 1 }
  static var messagesToPerson: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal that answers go to; nil if it is none.
  static var columns: Int? { columns(of: STDOUT_FILENO) }

  /// Columns of the terminal behind a descriptor.
  static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// Bold, if answers go to a terminal that shows it and NO_COLOR does not forbid it.
  static func bold(_ text: String) -> String { hasStyles ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

  /// Dimmed, under the same conditions.
  static func dim(_ text: String) -> String { hasStyles ? "\u{1b}[2m\(text)\u{1b}[0m" : text }

  private static var hasStyles: Bool {
    answersToPerson && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
      && getenv("TERM").map { String(cString: $0) } != "dumb"
  }
}
