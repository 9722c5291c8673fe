import Foundation
import Vocabulary

/// The daemon's configuration and where each value came from.
///
/// Precedence, strongest first: command-line flags, `MAGPIE_*` environment, what was changed at run time, file,
/// defaults. An unknown key, a wrong type and a value out of range are errors in the file, in changes and in flags. A
/// `MAGPIE_*` variable no key belongs to is only a warning, because other programs share the prefix.
///
/// `Configuration+Scenarios` reads what is below `scenarios`.
package struct Configuration: Sendable {
  package internal(set) var settings = Settings()
  package internal(set) var warnings: [String] = []
  var origins: [String: ConfigurationOrigin] = [:]
  /// What scenarios say differently, weakest first: applied when everything else is known.
  var assignments: [ScenarioAssignment] = []
  /// Scenarios that were named, in order.
  var scenarios: [ScenarioName] = []

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

  /// `MAGPIE_*` variables that are not keys: the configuration file's own path, those of the client tools, and the tests'
  /// switch for fault points.
  package static let otherVariables: Set<String> = [
    "MAGPIE_CONFIG", "MAGPIE_ADDRESS", "MAGPIE_TENANT", "MAGPIE_FAULT_POINT",
  ]

  /// The defaults alone.
  package init() {}

  /// Reads everything. `path` nil means there is no file.
  package static func load(
    file path: String?, changes: [ConfigurationChange] = [], environment: [String: String] = [:],
    flags: [Flag] = []
  ) throws(ConfigurationFault) -> Configuration {
    guard let path else {
      return try load(text: "", name: "", changes: changes, environment: environment, flags: flags)
    }
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
    return try load(text: text, name: path, changes: changes, environment: environment, flags: flags)
  }

  /// The same for a file's text. `name` is the file's path in messages.
  package static func load(
    text: String, name: String, changes: [ConfigurationChange] = [], environment: [String: String] = [:],
    flags: [Flag] = []
  ) throws(ConfigurationFault) -> Configuration {
    var configuration = Configuration()
    for entry in try ConfigurationFile(text: text, name: name).entries {
      try configuration.put(entry.value, at: entry.path, from: .file(path: name, line: entry.line))
    }
    for change in changes {
      try configuration.put(change.value, at: change.path, from: change.origin)
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
    configuration.resolveScenarios()
    try configuration.checkExperiments()
    return configuration
  }

  /// Where the first key below a section was written, for faults that concern all of it.
  func origin(ofFirstKeyBelow prefix: String) -> ConfigurationOrigin {
    origins.filter { $0.key.hasPrefix(prefix) }.min { $0.key < $1.key }?.value ?? .default
  }

  mutating func put(
    _ value: ConfigurationValue, at path: String, from origin: ConfigurationOrigin
  ) throws(ConfigurationFault) {
    if path == Self.scenarioSection || path.hasPrefix(Self.scenarioSection + ".") {
      return try putScenario(value, at: path, from: origin)
    }
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
      throw ConfigurationFault(origin, key: path, key.refusal(of: value))
    }
    origins[path] = origin
  }

  static let keys = Dictionary(
    ConfigurationKey.all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

  package func origin(of key: ConfigurationKey) -> ConfigurationOrigin { origins[key.path] ?? .default }

  /// Names everything that can change an answer: equal hashes, equal state, generation and seed give equal
  /// slates. Host, port and the like do not count. The same in every process and release.
  package var hash: UInt64 { Self.hash(of: settings) }

  /// The same for settings that are in force but were not read as one configuration.
  package static func hash(of settings: Settings) -> UInt64 {
    var text = ""
    for key in ConfigurationKey.all where key.shapesAnswers { text += "\(key.path)=\(key.read(settings))\n" }
    text += scenarioText(of: settings)
    for key in ConfigurationKey.experiments(in: settings) { text += "\(key.path)=\(key.read(settings))\n" }
    return StableHash.of(text.utf8)
  }

  /// The whole configuration as a file that would be read back the same, each line with its origin behind it. Keys that a
  /// search may choose and nobody has written are comments: written, they would be taken out of its hands. Of scenarios
  /// only what they say differently is shown.
  package func rendered() -> String {
    let rows =
      ConfigurationKey.all.map { key in
        let isOpen = key.tunable.map { !settings.training.given.contains($0) } ?? false
        return Row(path: key.path, text: key.read(settings), isComment: isOpen, origin: origin(of: key))
      }
      + ConfigurationKey.experiments(in: settings).map { key in
        Row(path: key.path, text: key.read(settings), origin: origin(of: key))
      } + scenarioRows()
    var lines: [String] = []
    var open: [Substring] = []
    for row in rows {
      let parts = row.path.split(separator: ".")
      let sections = parts.dropLast()
      let common = zip(open, sections).prefix { $0 == $1 }.count
      for depth in sections.indices.dropFirst(common) {
        lines.append(String(repeating: "  ", count: depth) + "\(sections[depth]):")
      }
      open = Array(sections)
      let indent = String(repeating: "  ", count: sections.count)
      let line =
        "\(indent)\(row.isComment ? "# " : "")\(parts.last ?? ""):\(row.text.isEmpty ? "" : " ")\(row.text)"
      let padding = String(repeating: " ", count: max(2, 48 - line.count))
      lines.append("\(line)\(padding)# \(row.origin)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line of a rendered configuration.
  struct Row {
    var path: String
    var text: String
    var isComment = false
    var origin: ConfigurationOrigin
  }
}
