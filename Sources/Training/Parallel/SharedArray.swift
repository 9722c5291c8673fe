/// Memory that the tasks of a `ThreadPool` fill together: every element is written by at most one task of a
/// run and read only by that task or after the run.
///
/// Unchecked because the rule above is kept by the callers, not by the compiler.
package final class SharedArray<Element: BitwiseCopyable>: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  /// O(count).
  package init(repeating value: Element, count: Int) {
    self.count = count
    // On cache lines, so that a row of factors never straddles one more than it must.
    pointer = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Element>.stride,
      alignment: max(64, MemoryLayout<Element>.alignment)
    ).bindMemory(to: Element.self, capacity: max(1, count))
    pointer.initialize(repeating: value, count: count)
  }

  deinit { pointer.deallocate() }

  package subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return pointer[index]
    }
    set {
      assert(index >= 0 && index < count)
      pointer[index] = newValue
    }
  }

  package var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: pointer, count: count) }

  /// A copy as an ordinary array.
  package func array() -> [Element] { Array(elements) }
}
