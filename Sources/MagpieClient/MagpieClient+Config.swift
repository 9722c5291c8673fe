import Vocabulary

extension MagpieClient {
  /// What to change in a configuration.
  public enum ConfigurationChange: Sendable, Hashable {
    /// These keys, on top of what was changed before. Values as a file has them.
    case keys([ConfigurationAssignment])
    /// A YAML file, in place of everything that was changed before.
    case file([UInt8])
  }

  /// The daemon's configuration in force.
  public func configurationInForce(timeout: Duration? = nil) async throws(MagpieError) -> ConfigurationReport
  {
    ConfigurationReport(try await config(ConfigRequest(), timeout))
  }

  /// What would come of a change; nothing is changed.
  public func checkConfiguration(
    _ change: ConfigurationChange, timeout: Duration? = nil
  ) async throws(MagpieError) -> ConfigurationReport {
    ConfigurationReport(try await config(request(.check, change), timeout))
  }

  /// Changes the configuration at once and lastingly. A mistake is refused with its key, and changes nothing.
  /// - Parameter expectedHash: refuse with `configuration_changed` unless this is in force; 0: whatever is.
  public func changeConfiguration(
    _ change: ConfigurationChange, expectedHash: UInt64 = 0, timeout: Duration? = nil
  ) async throws(MagpieError) -> ConfigurationReport {
    var asked: ConfigRequest
    switch change {
    case .keys: asked = request(.set, change)
    case .file: asked = request(.apply, change)
    }
    asked.expectedHash = expectedHash
    return ConfigurationReport(try await config(asked, timeout))
  }

  /// Takes changes back: keys, sections with all below them, or everything where none is named.
  public func resetConfiguration(
    _ keys: [String] = [], timeout: Duration? = nil
  ) async throws(MagpieError) -> ConfigurationReport {
    var asked = request(.reset, .keys(keys.map { ConfigurationAssignment($0, "") }))
    asked.isAll = keys.isEmpty
    return ConfigurationReport(try await config(asked, timeout))
  }

  /// What was changed when, newest first.
  public func configurationHistory(
    timeout: Duration? = nil
  ) async throws(MagpieError) -> [ConfigurationRevision] {
    var asked = ConfigRequest()
    asked.action = .history
    return try await config(asked, timeout).history.map { ConfigurationRevision($0) }
  }

  private func request(_ action: ConfigRequest.Action, _ change: ConfigurationChange) -> ConfigRequest {
    var request = ConfigRequest()
    request.action = action
    switch change {
    case .keys(let keys):
      request.changes = keys.map { .init(path: Array($0.key.utf8), value: Array($0.value.utf8)) }
    case .file(let bytes): request.file = bytes
    }
    return request
  }

  private func config(_ request: ConfigRequest, _ timeout: Duration?) async throws(MagpieError) -> ConfigReply
  {
    guard case .config(let reply) = try await call(.config(request), timeout: timeout) else {
      throw mismatch(.config)
    }
    return reply
  }
}
