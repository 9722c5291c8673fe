import Glibc
import Reading

/// A file of lines, whole in memory: data sets are, too.
struct TextFile {
  let path: String
  let bytes: [UInt8]

  /// - Throws: `file` if it cannot be read.
  init(path: String) throws(EvaluationFault) {
    self.path = path
    do throws(FileFault) {
      let source = try ByteSource(path: path, pieceBytes: 4 << 20)
      try source.skipByteOrderMark()
      while try source.fill() {}
      bytes = source.withAvailable { Array($0) }
    } catch {
      throw EvaluationFault(error)
    }
  }

  /// Writes a whole file, in place of what was there.
  /// - Throws: `file` if it cannot be written in full.
  static func write(_ text: String, to path: String) throws(EvaluationFault) {
    guard let file = fopen(path, "we") else {
      throw EvaluationFault(.file, "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
    let isWritten = fputs(text, file) >= 0
    if fclose(file) != 0 || !isWritten {
      throw EvaluationFault(.file, "\(path) could not be written in full.")
    }
  }

  /// Calls `body` with every line that is neither empty nor a comment and its number from 1; CR before LF belongs to the
  /// line end.
  func forEachLine(_ body: (Int, ArraySlice<UInt8>) throws(EvaluationFault) -> Void) throws(EvaluationFault) {
    var (start, number) = (0, 0)
    while start < bytes.count {
      let end = lineEnd(from: start)
      number += 1
      let line = Self.withoutReturn(bytes[start..<end])
      if line.contains(where: { $0 != 32 && $0 != 9 }), !Self.isComment(line) { try body(number, line) }
      start = end + 1
    }
  }

  /// A line that begins with `#` and a blank, or is `#` alone. A name may begin with `#`; a name that is `#` may not.
  private static func isComment(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.first == UInt8(ascii: "#") else { return false }
    return line.count == 1 || line[line.startIndex + 1] == 32 || line[line.startIndex + 1] == 9
  }

  /// Number of comments. O(bytes).
  var commentCount: Int {
    var (start, count) = (0, 0)
    while start < bytes.count {
      let end = lineEnd(from: start)
      if bytes[start] == UInt8(ascii: "#"), Self.isComment(Self.withoutReturn(bytes[start..<end])) {
        count += 1
      }
      start = end + 1
    }
    return count
  }

  /// The first lines that are neither empty nor comments.
  func firstLines(_ count: Int) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count, lines.count < count {
      let end = lineEnd(from: start)
      let line = Self.withoutReturn(bytes[start..<end])
      if line.contains(where: { $0 != 32 && $0 != 9 }), !Self.isComment(line) { lines.append(line) }
      start = end + 1
    }
    return lines
  }

  private func lineEnd(from start: Int) -> Int {
    bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let found = memchr(base + start, 10, raw.count - start) else {
        return bytes.count
      }
      return UnsafeRawPointer(found) - base
    }
  }

  private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == 13 ? line.dropLast() : line
  }
}
