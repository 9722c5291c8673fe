import Glibc

/// A file mapped read-only.
///
/// Unchecked because the mapping is foreign memory: it is never written, and unmapped when the last holder goes.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// Fails with `.missing`, `.foreign` for what is no regular file, `.corrupt` unless it has exactly `size` bytes.
  init(path: String, size: Int) throws(ModelFault) {
    // No symbolic links: a generation is a closed directory. Not blocking: a named pipe must not hang the daemon.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0 { throw ModelFault(opening: path, errno) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw ModelFault(system: "examine", path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFault(.foreign, file: path, "It is not a regular file. \(ModelFault.trainAgain)")
    }
    guard Int(status.st_size) == size else {
      throw ModelFault(
        .corrupt, file: path,
        "It has \(status.st_size) bytes where the manifest says \(size). \(ModelFault.trainAgain)")
    }
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
      throw ModelFault(system: "map", path, errno)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}

/// Keeps all files of a generation mapped: every model holds it, so a pointer into a model cannot outlive them.
final class GenerationMemory: Sendable {
  private let files: [MappedFile]

  init(_ files: [MappedFile]) { self.files = files }
}

/// The elements of one mapped array, without ownership: its model holds the `GenerationMemory`.
///
/// Unchecked because of the pointer: the memory is read-only.
struct ArrayView<Element: BitwiseCopyable>: @unchecked Sendable {
  let elements: UnsafeBufferPointer<Element>

  /// The empty array.
  init() { elements = UnsafeBufferPointer(start: nil, count: 0) }

  /// REQUIRES: `file` is a verified array file of this element type. The mapping is page-aligned and the header 64
  /// bytes, so the elements are aligned.
  init(_ file: MappedFile) {
    let data = UnsafeRawBufferPointer(rebasing: file.bytes[ArrayHeader.size...])
    elements = data.bindMemory(to: Element.self)
  }

  var count: Int { elements.count }

  subscript(place: Int) -> Element { elements[place] }
}
