/// A file could not be read at all.
package struct FileFault: Error, Sendable, Hashable {
  /// What happened, with the file's name.
  package var message: String

  package init(_ message: String) { self.message = message }
}

/// Why a value was not understood; the caller knows the line.
package struct Problem: Error, Sendable, Hashable {
  /// Stable.
  package var reason: String
  /// What is wrong and what to do.
  package var message: String

  package init(_ reason: String, _ message: String) {
    self.reason = reason
    self.message = message
  }
}
