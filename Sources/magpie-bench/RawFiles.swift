import Glibc

/// Arrays of numbers in files, little-endian, nothing else in them: how both sides get the same data.
enum RawFiles {
  static func read<Element: BitwiseCopyable>(_ path: String, of type: Element.Type, zero: Element) throws
    -> [Element]
  {
    guard let file = fopen(path, "re") else { throw BenchFailure("\(path) cannot be read") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let count = max(0, ftell(file)) / MemoryLayout<Element>.stride
    rewind(file)
    var values = [Element](repeating: zero, count: count)
    let taken = values.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
    guard taken == count * MemoryLayout<Element>.stride else { throw BenchFailure("\(path) cannot be read") }
    return values
  }

  static func write<Element: BitwiseCopyable>(_ parts: [[Element]], to path: String, append: Bool = false)
    throws
  {
    guard let file = fopen(path, append ? "ae" : "we") else {
      throw BenchFailure("\(path) cannot be written")
    }
    var isWritten = true
    for part in parts {
      part.withUnsafeBytes { if fwrite($0.baseAddress, 1, $0.count, file) != $0.count { isWritten = false } }
    }
    guard fclose(file) == 0, isWritten else { throw BenchFailure("\(path) could not be written in full") }
  }
}
