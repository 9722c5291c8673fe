import Vocabulary

/// One key that was changed while the daemon ran.
package struct ConfigurationChange: Sendable, Hashable {
  /// Full path with dots.
  package var path: String
  package var value: ConfigurationValue
  /// Where it was written, for messages: the change, or the line of a file that is only checked.
  package var origin: ConfigurationOrigin

  package init(path: String, value: ConfigurationValue, origin: ConfigurationOrigin) {
    self.path = path
    self.value = value
    self.origin = origin
  }
}
