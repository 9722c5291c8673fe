/// `Config`: look at the configuration in force, and change what may change while the daemon runs.
package struct ConfigRequest: Sendable, Hashable {
  package enum Action: UInt8, Sendable, Hashable, CaseIterable {
    case get = 0
    /// What would come of it, without taking it.
    case check = 1
    /// Changes keys on top of what was changed before.
    case set = 2
    /// A whole file in place of everything that was changed before.
    case apply = 3
    /// Takes back what was changed.
    case reset = 4
    case history = 5

    package var name: String {
      switch self {
      case .get: "get"
      case .check: "check"
      case .set: "set"
      case .apply: "apply"
      case .reset: "reset"
      case .history: "history"
      }
    }
  }

  /// A key and its value, as written.
  package struct Change: Sendable, Hashable {
    package var path: [UInt8]
    package var value: [UInt8]

    package init(path: [UInt8], value: [UInt8]) {
      self.path = path
      self.value = value
    }
  }

  package var action: Action = .get
  /// For `check`, `set`, and `reset`, which looks at paths only: a key, or a section with everything below it.
  package var changes: [Change] = []
  /// For `check` and `apply`: YAML, at most `Limits.configurationBytesMax`.
  package var file: [UInt8] = []
  /// For `reset`: everything.
  package var isAll = false
  /// Refuse with `configuration_changed` unless this hash is in force; 0: whatever is.
  package var expectedHash: UInt64 = 0
  package init() {}
}
