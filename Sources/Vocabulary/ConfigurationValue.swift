/// A value of the configuration as it was written, before its key says what it must be.
package enum ConfigurationValue: Sendable, Hashable {
  /// A plain word or number, from any origin.
  case plain(String)
  /// A text in quotes: never a number or a flag.
  case quoted(String)
  case list([String])
  /// `key:` with nothing behind it.
  case nothing
}

/// One key that was changed while the daemon ran.
package struct ConfigurationEntry: Sendable, Hashable {
  /// Full path with dots.
  package var path: String
  package var value: ConfigurationValue

  package init(path: String, value: ConfigurationValue) {
    self.path = path
    self.value = value
  }
}

/// One change at run time, with everything that is changed since.
package struct ConfigurationRevision: Sendable, Hashable {
  /// From 1, without gaps.
  package var number: UInt64
  package var time: Timestamp
  package var action: ConfigRequest.Action
  /// In force from then on.
  package var configurationHash: UInt64
  /// All keys that differ from file and defaults because of this change and those before it.
  package var entries: [ConfigurationEntry]

  package init(
    number: UInt64, time: Timestamp, action: ConfigRequest.Action, configurationHash: UInt64,
    entries: [ConfigurationEntry]
  ) {
    self.number = number
    self.time = time
    self.action = action
    self.configurationHash = configurationHash
    self.entries = entries
  }
}
