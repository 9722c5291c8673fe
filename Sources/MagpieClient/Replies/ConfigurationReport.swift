import Vocabulary

/// A key of a configuration and what it should be.
public struct ConfigurationAssignment: Sendable, Hashable {
  /// Full path with dots, such as `scenarios.home.hide_seen`.
  public var key: String
  /// As a file has it.
  public var value: String

  /// `key` should be `value`.
  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// The daemon's configuration, or what would become of it.
public struct ConfigurationReport: Sendable, Hashable {
  /// Names everything that shapes answers, as in each reply.
  public var configurationHash: UInt64
  /// The configuration as a file, each value with its origin behind it.
  public var text: String
  /// The newest change at run time; 0 if there was none.
  public var revision: UInt64
  /// Keys whose values differ from before.
  public var changed: [String]
  /// What else there is to know, such as keys that a flag holds against the change.
  public var warnings: [String]

  init(_ reply: ConfigReply) {
    configurationHash = reply.configurationHash
    text = reply.text
    revision = reply.revision
    changed = reply.changed
    warnings = reply.warnings
  }
}

/// A change of the configuration in the past.
public struct ConfigurationRevision: Sendable, Hashable {
  /// From 1, without gaps.
  public var number: UInt64
  /// When, microseconds since 1970.
  public var timeMicroseconds: Int64
  /// `set`, `apply` or `reset`.
  public var action: String
  /// All keys changed at run time from then on.
  public var paths: [String]
  /// In force from then on.
  public var configurationHash: UInt64

  init(_ past: ConfigReply.Past) {
    number = past.number
    timeMicroseconds = past.time.microseconds
    action = past.action.name
    paths = past.paths
    configurationHash = past.configurationHash
  }
}
