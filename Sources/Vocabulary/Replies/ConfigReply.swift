/// What the configuration is, or would be.
package struct ConfigReply: Sendable, Hashable {
  /// In force; for `check` what it would be.
  package var configurationHash: UInt64 = 0
  /// The configuration as a file, each value with its origin.
  package var text = ""
  /// The newest change; 0 if there was none.
  package var revision: UInt64 = 0
  /// Keys whose values differ from before.
  package var changed: [String] = []
  package var warnings: [String] = []
  /// For `history`: newest first.
  package var history: [Past] = []

  /// One change in the past.
  package struct Past: Sendable, Hashable {
    package var number: UInt64
    package var time: Timestamp
    package var action: ConfigRequest.Action
    /// All keys changed at run time from then on.
    package var paths: [String]
    package var configurationHash: UInt64

    package init(
      number: UInt64, time: Timestamp, action: ConfigRequest.Action, paths: [String],
      configurationHash: UInt64
    ) {
      self.number = number
      self.time = time
      self.action = action
      self.paths = paths
      self.configurationHash = configurationHash
    }
  }

  package init() {}
}
