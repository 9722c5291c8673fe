/// Why a configuration is refused. One sentence with the place, so that an operator opens the right line.
package struct ConfigurationFault: Error, Sendable, Hashable {
  /// Where the value came from.
  package var origin: ConfigurationOrigin
  /// The key's full path, such as `training.factors`; empty when the file as a whole is at fault.
  package var key: String
  /// What is wrong and what is allowed.
  package var message: String
  /// The known key that is spelled most alike, where one is close.
  package var suggestion: String?

  package init(_ origin: ConfigurationOrigin, key: String, _ message: String, suggestion: String? = nil) {
    self.origin = origin
    self.key = key
    self.message = message
    self.suggestion = suggestion
  }

  /// Line of the file, from 1; nil when the value came from elsewhere.
  package var line: Int? {
    if case .file(_, let line) = origin { return line }
    return nil
  }
}

extension ConfigurationFault: CustomStringConvertible {
  /// `magpie.yaml:12: training.factorz: there is no such key. Did you mean training.factors?`
  package var description: String {
    var text = "\(origin): "
    if !key.isEmpty { text += "\(key): " }
    text += message
    if let suggestion { text += " Did you mean \(suggestion)?" }
    return text
  }
}

/// Where a value came from, weakest first: a later one wins.
package enum ConfigurationOrigin: Sendable, Hashable {
  case `default`
  /// Line from 1; 0 when the file as a whole is meant.
  case file(path: String, line: Int)
  /// Changed while the daemon ran, by the change of this number.
  case runTime(UInt64)
  /// An environment variable, by name.
  case environment(String)
  /// A command-line flag, as typed.
  case flag(String)
}

extension ConfigurationOrigin: CustomStringConvertible {
  package var description: String {
    switch self {
    case .default: "default"
    case .file(let path, let line): line > 0 ? "\(path):\(line)" : path
    case .runTime(let number): "magpie config, change \(number)"
    case .environment(let name): name
    case .flag(let name): name
    }
  }
}
