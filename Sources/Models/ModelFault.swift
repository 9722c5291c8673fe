/// Why a generation, or the shelf it lies on, cannot be read or written. Nothing was changed on disk unless the
/// message says so.
package struct ModelFault: Error, Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// A file or directory that must exist does not.
    case missing
    /// The file is not of this product, or not what its place says it is.
    case foreign
    /// Written by a newer version of the format.
    case newerFormat
    /// Bytes differ from what was written: length, checksum or digest.
    case corrupt
    /// The bytes are as written, but what they say does not agree: shapes, ranges, order, non-finite numbers.
    case inconsistent
    /// Something already lies where the new one was to be made.
    case exists
    /// The system refused; the value is errno.
    case io(Int32)
  }

  package let kind: Kind
  /// The file or directory at fault.
  package let file: String
  /// One sentence what happened, and what to do next.
  package let message: String

  package init(_ kind: Kind, file: String, _ message: String) {
    self.kind = kind
    self.file = file
    self.message = message
  }
}

extension ModelFault: CustomStringConvertible {
  package var description: String { "\(file): \(message)" }
}
