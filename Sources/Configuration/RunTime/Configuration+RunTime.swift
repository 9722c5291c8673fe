import Vocabulary

/// What may change while the daemon runs, and what did.
extension Configuration {
  /// Sections and keys that `Settings.reloaded` takes. The trainer's program is not among them: who can talk to the
  /// daemon must not be able to make it run something else.
  private static let changeable = [
    "reading", scenarioSection, "training", "log_level", "connections_max", "idle_seconds", "drain_seconds",
    "store_interval_milliseconds", "disk_free_bytes_min",
  ]
  private static let neverChangeable: Set<String> = ["training.program"]

  /// Whether `magpie config` may change the key.
  package static func isChangeable(_ path: String) -> Bool {
    !neverChangeable.contains(path) && changeable.contains { path == $0 || path.hasPrefix($0 + ".") }
  }

  /// Whether there is such a key outside of scenarios.
  static func isKnown(_ path: String) -> Bool { keys[path] != nil }

  /// Where the value of a key came from, scenarios' keys included.
  package func origin(at path: String) -> ConfigurationOrigin { origins[path] ?? .default }

  /// Says that what a file said was said by a change.
  mutating func attribute(_ paths: [String], to origin: ConfigurationOrigin) {
    for path in paths {
      if case .file("the file", _) = self.origin(at: path) { origins[path] = origin }
    }
  }

  /// Keys whose values differ, scenarios' included.
  package static func differences(_ left: Settings, _ right: Settings) -> [String] {
    var paths = ConfigurationKey.all.filter { $0.read(left) != $0.read(right) }.map(\.path)
    let names = Set(left.scenarios.keys).union(right.scenarios.keys).sorted { $0.text < $1.text }
    for name in names {
      let prefix = "\(scenarioSection).\(name.text)"
      guard let old = left.scenarios[name], let new = right.scenarios[name] else {
        paths.append(prefix)
        continue
      }
      var (before, after) = (left, right)
      (before.reading, after.reading) = (old, new)
      paths += scenarioKeys.filter { $0.key.read(before) != $0.key.read(after) }.map {
        "\(prefix).\($0.path)"
      }
    }
    return paths
  }
}
