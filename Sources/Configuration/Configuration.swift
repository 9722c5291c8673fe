import Foundation
import Vocabulary

/// The daemon's configuration and where each value came from.
///
/// Precedence, strongest first: command-line flags, `MAGPIE_*` environment, file, defaults. An unknown key, a
/// wrong type and a value out of range are errors in the file and in flags. A `MAGPIE_*` variable no key
/// belongs to is only a warning, because other programs share the prefix.
package struct Configuration: Sendable {
  package private(set) var settings = Settings()
  package private(set) var warnings: [String] = []
  private var origins: [String: ConfigurationOrigin] = [:]

  /// A command-line flag that sets a key.
  package struct Flag: Sendable, Hashable {
    /// As typed, for messages: `--port`, or `--set`.
    package var name: String
    package var key: String
    package var value: String

    package init(_ name: String, key: String, value: String) {
      self.name = name
      self.key = key
      self.value = value
    }
  }

  /// `MAGPIE_*` variables that are not keys: the configuration file's own path, and those of the client tools.
  package static let otherVariables: Set<String> = ["MAGPIE_CONFIG", "MAGPIE_ADDRESS", "MAGPIE_TENANT"]

  /// The defaults alone.
  package init() {}

  /// Reads everything. `path` nil means there is no file.
  package static func load(
    file path: String?, environment: [String: String] = [:], flags: [Flag] = []
  ) throws(ConfigurationFault) -> Configuration {
    guard let path else { return try load(text: "", name: "", environment: environment, flags: flags) }
    let place = ConfigurationOrigin.file(path: path, line: 0)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationFault(place, key: "", "The configuration file does not exist or cannot be read.")
    }
    guard data.count <= ConfigurationFile.bytesMax else {
      throw ConfigurationFault(
        place, key: "",
        "The file has \(data.count) bytes; a configuration has at most \(ConfigurationFile.bytesMax).")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ConfigurationFault(place, key: "", "The file is not UTF-8 text.")
    }
    return try load(text: text, name: path, environment: environment, flags: flags)
  }

  /// The same for a file's text. `name` is the file's path in messages.
  package static func load(
    text: String, name: String, environment: [String: String] = [:], flags: [Flag] = []
  ) throws(ConfigurationFault) -> Configuration {
    var configuration = Configuration()
    for entry in try ConfigurationFile(text: text, name: name).entries {
      try configuration.put(entry.value, at: entry.path, from: .file(path: name, line: entry.line))
    }
    let keysByVariable = Dictionary(
      ConfigurationKey.all.map { ($0.environmentName, $0) }, uniquingKeysWith: { first, _ in first })
    for (variable, text) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix(ConfigurationKey.environmentPrefix) && !otherVariables.contains(variable) {
      if let key = keysByVariable[variable] {
        try configuration.put(.plain(text), at: key.path, from: .environment(variable))
      } else {
        let nearest = nearestKey(to: variable, among: keysByVariable.keys.sorted())
        configuration.warnings.append(
          "The environment variable \(variable) belongs to no configuration key and is ignored."
            + (nearest.map { " Did you mean \($0)?" } ?? ""))
      }
    }
    for flag in flags {
      try configuration.put(.plain(flag.value), at: flag.key, from: .flag(flag.name))
    }
    try configuration.checkExperiments()
    return configuration
  }

  /// Where the first key below a section was written, for faults that concern all of it.
  func origin(ofFirstKeyBelow prefix: String) -> ConfigurationOrigin {
    origins.filter { $0.key.hasPrefix(prefix) }.min { $0.key < $1.key }?.value ?? .default
  }

  private mutating func put(
    _ value: ConfigurationValue, at path: String, from origin: ConfigurationOrigin
  ) throws(ConfigurationFault) {
    guard let key = Self.keys[path] ?? ConfigurationKey.experiment(path) else {
      if ConfigurationKey.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
        throw ConfigurationFault(
          origin, key: path, "This is a section; it must hold keys below it, not \(value.shown).")
      }
      // `port.x: 1` below a key that takes a value.
      if let parent = ConfigurationKey.all.first(where: { path.hasPrefix($0.path + ".") }) {
        throw ConfigurationFault(
          origin, key: parent.path, "It must be \(parent.accepted), and holds keys below it.")
      }
      throw ConfigurationFault(
        origin, key: path, "There is no such key.",
        suggestion: nearestKey(to: path, among: Self.keys.keys.sorted()))
    }
    guard key.write(&settings, value) else {
      throw ConfigurationFault(origin, key: path, "It must be \(key.accepted), but is \(value.shown).")
    }
    origins[path] = origin
  }

  private static let keys = Dictionary(
    ConfigurationKey.all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

  package func origin(of key: ConfigurationKey) -> ConfigurationOrigin { origins[key.path] ?? .default }

  /// Names everything that can change an answer: equal hashes, equal state, generation and seed give equal
  /// slates. Host, port and the like do not count. The same in every process and release.
  package var hash: UInt64 { Self.hash(of: settings) }

  /// The same for settings that are in force but were not read as one configuration.
  package static func hash(of settings: Settings) -> UInt64 {
    var text = ""
    for key in ConfigurationKey.all where key.shapesAnswers { text += "\(key.path)=\(key.read(settings))\n" }
    for key in ConfigurationKey.experiments(in: settings) { text += "\(key.path)=\(key.read(settings))\n" }
    return StableHash.of(text.utf8)
  }

  /// The whole configuration as a file that would be read back the same, each line with its origin behind it. Keys that a
  /// search may choose and nobody has written are comments: written, they would be taken out of its hands.
  package func rendered() -> String {
    var lines: [String] = []
    var open: [Substring] = []
    for key in ConfigurationKey.all + ConfigurationKey.experiments(in: settings) {
      let sections = key.path.split(separator: ".").dropLast()
      let common = zip(open, sections).prefix { $0 == $1 }.count
      for depth in sections.indices.dropFirst(common) {
        lines.append(String(repeating: "  ", count: depth) + "\(sections[depth]):")
      }
      open = Array(sections)
      let indent = String(repeating: "  ", count: sections.count)
      let isOpen = key.tunable.map { !settings.training.given.contains($0) } ?? false
      let line = "\(indent)\(isOpen ? "# " : "")\(key.name): \(key.read(settings))"
      let padding = String(repeating: " ", count: max(2, 48 - line.count))
      lines.append("\(line)\(padding)# \(origin(of: key))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
